<?php

/**
 * Does what ?do= lists, in that order, with the session of the options ?options= (JSON).
 */

declare(strict_types=1);

$options = json_decode($_GET['options'] ?? '{}', true, flags: JSON_THROW_ON_ERROR);
$session = new Session($options);

foreach (array_filter(explode(',', $_GET['do'] ?? '')) as $step) {
    match ($step) {
        'read' => $session->get('anything'),
        'set' => $session->set('set', true),
        'unset' => $session->remove('set'),
        'unset-missing' => $session->remove('missing'),
        'save' => $session->save(),
        'close' => $session->close(),
        'start' => $session->start(),
        'regenerate' => $session->regenerate(),
        'destroy' => $session->destroy(),
        'current' => $session = Session::current(),
        'another' => $session = new Session($options),
    };
}

header('Content-Type: application/json');
echo json_encode(['data' => (object) $session->getAll(), 'id' => $session->getId(), 'name' => $session->getCookieName()]);
