<?php

/**
 * A template that expects `$session` to be there.
 */

declare(strict_types=1);

if (isset($_GET['set'])) {
    $session->set('set', $_GET['set']);
}

function fromAFunction(): mixed
{
    global $session;
    return $session->get('set');
}

header('Content-Type: application/json');
echo json_encode(['class' => get_class($session), 'set' => fromAFunction(), 'same' => $session == Session::current()]);
