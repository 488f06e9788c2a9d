<?php

/**
 * Does what ?do= lists, in that order, with the session of the options ?options= (JSON), and shows its history as it was
 * when the request began. With ?all=NUMBER it waits at the directory ?at= until so many requests have come there.
 */

declare(strict_types=1);

$session ??= new Session(json_decode($_GET['options'] ?? '{}', true, flags: JSON_THROW_ON_ERROR));
$history = isset($_GET['untouched']) ? null : $session->getHistory();
$recorded = [];
if (isset($_GET['all'])) {
    touch($_GET['at'] . '/' . getmypid());
    while (count(scandir($_GET['at'])) - 2 < (int) $_GET['all']) {
        usleep(1000);
    }
}

foreach (array_filter(explode(',', $_GET['do'] ?? '')) as $step) {
    match ($step) {
        'set' => $session->set('set', true),
        'maintenance' => $session->maintenance(),
        'look' => $recorded[] = count($session->getHistory()),
        'close' => $session->close(),
        'destroy' => $session->destroy(),
        'redirect' => $session->redirect('/history.php'),
        'unstorable' => $session->set('bad', (object) ['closure' => static fn () => 1]),
        'other' => $session->set('_user', 'a text of the application'),
        'user' => $session->setFor('_user', 'id', 41),
    };
}

header('Content-Type: application/json');
echo json_encode(['history' => $history === null ? null : (object) $history, 'recorded' => $recorded]);
