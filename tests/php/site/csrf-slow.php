<?php

/**
 * Reads the tokens of the session, makes ?directory=/begun, waits for ?directory=/go on, and then calls a method ?then= of
 * the session, or of `$session->CSRF`, with the arguments ?with=.
 */

declare(strict_types=1);

$session = new Session();
$session->get('SessionCSRF');
touch($_GET['directory'] . '/begun');
while (!file_exists($_GET['directory'] . '/go on')) {
    usleep(1000);
    clearstatcache();
}
$object = method_exists($session, $_GET['then']) ? $session : $session->CSRF;
$result = $object->{$_GET['then']}(...$_GET['with'] ?? []);

header('Content-Type: application/json');
echo json_encode(['results' => [$result === $session ? null : $result], 'warnings' => []]);
