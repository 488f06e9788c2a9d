<?php

/** Says of whom a remembered login was stolen, as far as this request has noticed it. */

declare(strict_types=1);

$stolen = [];
$session = new Session();
$session->addHookAfter('rememberStolen', static function (Holdfast\HookEvent $event) use (&$stolen): void {
    $stolen[] = $event->arguments(0);
});
$session->isLoggedin();
header('Content-Type: application/json');
echo json_encode(['stolen' => $stolen]);
