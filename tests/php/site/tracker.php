<?php

/**
 * Does what ?do= lists, in that order, with the session of the options ?options= (JSON), and shows its tracker as it was when
 * the request began, and as it was when that was done. With ?all=NUMBER it waits at the directory ?at= until so many
 * requests have come there.
 */

declare(strict_types=1);

$session ??= new Session(json_decode($_GET['options'] ?? '{}', true, flags: JSON_THROW_ON_ERROR));
$tracker = isset($_GET['untouched']) ? null : $session->tracker;
if (isset($_GET['all'])) {
    touch($_GET['at'] . '/' . getmypid());
    while (count(scandir($_GET['at'])) - 2 < (int) $_GET['all']) {
        usleep(1000);
    }
}

foreach (array_filter(explode(',', $_GET['do'] ?? '')) as $step) {
    match ($step) {
        'set' => $session->set('set', 1 + (int) $session->get('set')),
        'untrack' => $session->do_not_track(),
        'save' => $session->save(),
        'close' => $session->close(),
        'destroy' => $session->destroy(),
        'redirect' => $session->redirect('/tracker.php'),
        'unstorable' => $session->set('bad', (object) ['closure' => static fn () => 1]),
        'other' => $session->set('_tracker', 'a text of the application'),
        'throw' => $session->addHook('changed', static fn () => throw new DomainException('too late')),
    };
}

header('Content-Type: application/json');
echo json_encode(['tracker' => $tracker, 'after' => isset($_GET['untouched']) ? null : $session->tracker]);
