<?php

/**
 * Sets ?n= in a way that is saved at the end of the request, when also the history is kept, with a hook that does what ?how=
 * says when it is told of that.
 */

declare(strict_types=1);

$session = new Session();
$said = ['n' => $session->n, 'pages' => count($session->getHistory())];
$session->n = (object) ['n' => (int) $_GET['n']];
$session->addHook('changed', static function (HookEvent $event): void {
    $what = $event->arguments('what') . ' of ' . get_class($event->object);
    $event->removeHook(null);
    $event->object->n = (object) ['n' => $event->object->n->n, 'told' => $what];
    match ($_GET['how']) {
        'throw' => throw new DomainException('too late'),
        'exit' => exit,
        'tell' => null,
    };
});

header('Content-Type: application/json');
echo json_encode($said);
