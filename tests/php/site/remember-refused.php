<?php

/** A site that lets nobody in today. */

declare(strict_types=1);

require __DIR__ . '/users/ListedUsers.php';

$asked = [];
$session = new Session();
$session->setUserProvider(new ListedUsers());
$session->addHookAfter('allowLogin', static function (Holdfast\HookEvent $event) use (&$asked): void {
    $asked[] = $event->arguments(0);
    $event->return = false;
});
header('Content-Type: application/json');
echo json_encode(['isLoggedin' => $session->isLoggedin(), 'asked' => $asked]);
