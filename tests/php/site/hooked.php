<?php

/**
 * Counts views, with hooks on the session if ?hook=1 asks for them, which lead elsewhere with &exit=1.
 */

declare(strict_types=1);

$session = new Session();
$calls = [];
if (isset($_GET['hook'])) {
    $session->addHookBefore('Session::init', static function (HookEvent $event) use (&$calls): void {
        $calls[] = $event->method;
    });
    $session->addHookAfter('changed', static function (HookEvent $event) use (&$calls): void {
        $calls[] = "$event->method {$event->arguments('what')}";
    });
    $session->addHookMethod('leave', static function (): void {
        header('Location: /elsewhere', true, 303);
        exit;
    });
}
$session->n = ($session->n ?? 0) + 1;
if (isset($_GET['exit'])) {
    $session->leave();
    echo 'still here';
}

header('Content-Type: application/json');
echo json_encode(['calls' => $calls, 'n' => $session->n] + ['hooks' => count($session->getHooks())]);
