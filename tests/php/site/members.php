<?php

/**
 * Calls methods of the session, or of the members' provider where the name begins with `members.` or `roles.`, that ?calls= (JSON:
 * a list of [method, [argument, ...]]) names, and says what each gave. A user is named by {"user": id}, the session by
 * "the session". The database is the one in the file connection.json in ?directory=.
 */

declare(strict_types=1);

use Holdfast\Users\PdoMemberProvider;

require __DIR__ . '/../../../php/autoload.php';

$input = $_POST + $_GET;
$where = json_decode((string) file_get_contents("{$input['directory']}/connection.json"), true, flags: JSON_THROW_ON_ERROR);
$connect = static fn (): PDO => new PDO(...$where);
$members = new PdoMemberProvider(($input['connect'] ?? 'when needed') === 'at once' ? $connect() : $connect, 'users', ['cost' => 4]);
$session = new Session();
$session->setUserProvider($members);
$results = [];
foreach (json_decode($input['calls'], true, flags: JSON_THROW_ON_ERROR) as [$method, $arguments]) {
    $arguments = array_map(static fn (mixed $argument): mixed => match (true) {
        $argument === 'the session' => $session,
        is_array($argument) && isset($argument['user']) => $members->findById($argument['user']),
        default => $argument,
    }, $arguments);
    [$object, $method] = match (true) {
        str_starts_with($method, 'members.') => [$members, substr($method, strlen('members.'))],
        str_starts_with($method, 'roles.') => [$members->roles, substr($method, strlen('roles.'))],
        default => [$session, $method],
    };
    $result = $object->$method(...$arguments);
    $results[] = $result instanceof Holdfast\User ? $result->getName() : $result;
}
header('Content-Type: application/json');
echo json_encode(['results' => $results, 'store' => ini_get('holdfast.store')], JSON_THROW_ON_ERROR);
