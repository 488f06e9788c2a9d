<?php

/**
 * Calls the methods of the session that ?calls= (JSON: a list of [method, [argument, ...]]) names, in that order, and
 * says what each gave. ?options= (JSON) are the session's; with ?gate= a password is not verified before there is a file of that
 * name; a file beside it says that a login waits for it.
 */

declare(strict_types=1);

require __DIR__ . '/users/ListedUsers.php';

$said = static fn (mixed $value): mixed => match (true) {
    $value instanceof Session => 'the session',
    $value instanceof Holdfast\User => ['id' => $value->getId(), 'name' => $value->getName()],
    is_array($value) => array_map($GLOBALS['said'], $value),
    is_object($value) => get_object_vars($value),
    default => $value,
};

$input = $_POST + $_GET;
$session = new Session(json_decode($input['options'] ?? '{}', true, flags: JSON_THROW_ON_ERROR));
$session->setUserProvider(new ListedUsers());
if (isset($input['gate'])) {
    $session->addHookBefore('authenticate', static function () use ($input): void {
        touch($input['gate'] . '.' . bin2hex(random_bytes(8)));
        for ($end = microtime(true) + 20; !file_exists($input['gate']) && microtime(true) < $end; clearstatcache()) {
            usleep(2000);
        }
    });
}
$results = [];
foreach (json_decode($input['calls'] ?? '[]', true, flags: JSON_THROW_ON_ERROR) as [$method, $arguments]) {
    try {
        $results[] = $said($session->$method(...$arguments));
    } catch (Throwable $thrown) {
        $results[] = ['thrown' => $thrown::class, 'message' => $thrown->getMessage()];
    }
}
header('Content-Type: application/json');
echo json_encode([
    'results' => $results,
    'id' => $session->getId(),
    'data' => (object) $session->getAll(),
    'verified' => ListedUsers::$verified,
], JSON_THROW_ON_ERROR | JSON_PARTIAL_OUTPUT_ON_ERROR);
