<?php

/**
 * Redirects to /asked by ?by=, redirect() or location(), with a hook that does what ?how= says; or by a subclass that does.
 */

declare(strict_types=1);

class Elsewhere extends Session
{
    public function redirect($url, $status = 302)
    {
        return parent::redirect("/subclass?from=$url", $status);
    }
}

$session = $_GET['how'] === 'subclass' ? new Elsewhere() : new Session();
$session->addHookBefore('Session::redirect', static function (HookEvent $event): void {
    switch ($_GET['how']) {
        case 'url':
            $event->arguments('url', '/hook?from=' . $event->arguments(0));
            $event->arguments('status', 307);
            break;
        case 'foreign':
            $event->arguments('url', 'https://elsewhere.example/');
            break;
        case 'none':
            $event->arguments = [];
            break;
        case 'replace':
            $event->replace = true;
            $event->return = 'stayed here';
            break;
        case 'cancel':
            $event->cancelHooks = true;
            break;
    }
});
$session->addHookAfter('Session::redirect', static function (HookEvent $event): void {
    header('X-After: ' . json_encode($event->return));
});
try {
    $said = $session->{$_GET['by']}('/asked', 303);
} catch (Holdfast\Exception\InvalidArgument $refused) {
    $said = get_class($refused);
}

header('Content-Type: application/json');
echo json_encode(['said' => $said]);
