<?php

declare(strict_types=1);

require __DIR__ . '/users/ListedUsers.php';

$session = new Session();
$session->addHookAfter('isValidSession', static function (Holdfast\HookEvent $event): void {
    $event->return = $event->return && (bool) $_GET['valid'];
});
header('Content-Type: application/json');
echo json_encode(['valid' => $session->isLoggedin()]);
