<?php

/**
 * Waits for ?after=FILE; loads the session; calls the methods of the session that ?calls= (JSON: a list of [method,
 * [argument, ...]]) names, and says what each gave. The method "wait" makes ?begun=FILE and waits for ?until=FILE; "linger"
 * lets the script wait for that when its answer has gone out. With ?without nothing is loaded before a method needs it.
 */

declare(strict_types=1);

require __DIR__ . '/users/ListedUsers.php';

function wait_for(?string $file): void
{
    for ($end = microtime(true) + 20; $file !== null && !file_exists($file) && microtime(true) < $end; clearstatcache()) {
        usleep(1000);
    }
}

$input = $_POST + $_GET;
wait_for($input['after'] ?? null);
$session = new Session();
$session->setUserProvider(new ListedUsers());
if (!isset($input['without'])) {
    $session->init();
}
$results = [];
foreach (json_decode($input['calls'] ?? '[]', true, flags: JSON_THROW_ON_ERROR) as [$method, $arguments]) {
    if ($method === 'wait') {
        touch($input['begun']);
        wait_for($input['until']);
        continue;
    }
    if ($method === 'linger') {
        register_shutdown_function(static function () use ($input): void {
            fastcgi_finish_request();
            wait_for($input['until']);
        });
        continue;
    }
    $result = $session->$method(...$arguments);
    $results[] = is_object($result) ? $result::class : $result;
}
header('Content-Type: application/json');
echo json_encode(['results' => $results]);
