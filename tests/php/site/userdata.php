<?php

/**
 * Calls the methods of the session that ?calls= (JSON: a list of [method, [argument, ...]]) names, and says what each gave;
 * '->name' reads the property. The members are those of the file members.json in ?directory=; each call of the provider
 * is a line of the file `calls` there. With ?provider=none nobody is asked, with ?provider=plain a provider of names alone.
 * ?options= (JSON) are the session's. The call 'stop' makes a file `stopped` there and goes on when that is gone.
 */

declare(strict_types=1);

require __DIR__ . '/users/ListedUsers.php';
require __DIR__ . '/users/ListedMembers.php';

$input = $_POST + $_GET;
$session = new Session(json_decode($input['options'] ?? '{}', true, flags: JSON_THROW_ON_ERROR));
$stop = static function () use ($input): void {
    touch($file = $input['directory'] . '/stopped');
    for ($end = microtime(true) + 20; file_exists($file) && microtime(true) < $end; clearstatcache()) {
        usleep(2000);
    }
};
match ($input['provider'] ?? 'members') {
    'none' => null,
    'plain' => $session->setUserProvider(new ListedUsers()),
    'members' => $session->setUserProvider(new ListedMembers($input['directory'])),
};
$results = [];
foreach (json_decode($input['calls'], true, flags: JSON_THROW_ON_ERROR) as [$method, $arguments]) {
    try {
        $result = match (true) {
            $method === 'stop' => $stop(),
            str_starts_with($method, '->') => $session->{substr($method, 2)},
            default => $session->$method(...$arguments),
        };
        $results[] = match (true) {
            $result instanceof Session => 'the session',
            $result instanceof Holdfast\User => ['id' => $result->getId(), 'name' => $result->getName()],
            default => $result,
        };
    } catch (Throwable $thrown) {
        $results[] = ['thrown' => $thrown::class, 'message' => $thrown->getMessage()];
    }
}
header('Content-Type: application/json');
echo json_encode(['results' => $results, 'id' => $session->getId()], JSON_THROW_ON_ERROR);
