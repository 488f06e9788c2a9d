<?php

/**
 * Waits for ?after=FILE; loads the session; makes ?begun=FILE and waits for ?until=FILE; queues ?message[]=, ?error[]=,
 * ?warning[]=; sets ?set=NAME; shows those that ?show= lists, and looks at those of ?look=; makes ?done=FILE; goes to
 * ?redirect=URL.
 */

declare(strict_types=1);

function wait_for(?string $file): void
{
    while ($file !== null && !file_exists($file)) {
        usleep(1000);
        clearstatcache();
    }
}

wait_for($_GET['after'] ?? null);
$session ??= new Session();
$session->init();
if (isset($_GET['begun'])) {
    touch($_GET['begun']);
}
wait_for($_GET['until'] ?? null);

foreach (['message', 'error', 'warning'] as $type) {
    foreach ($_GET[$type] ?? [] as $text) {
        $session->$type($text);
    }
}
if (isset($_GET['set'])) {
    $session->set($_GET['set'], getmypid());
}
if (isset($_GET['clear'])) {
    $session->{$_GET['clear']}();
}
$shown = [];
foreach (['show' => true, 'look' => false] as $how => $clear) {
    foreach (array_filter(explode(',', $_GET[$how] ?? '')) as $list) {
        foreach ($session->$list($clear) as $notice) {
            $shown[] = (string) $notice;
        }
    }
}
if (isset($_GET['done'])) {
    touch($_GET['done']);
}
if (isset($_GET['redirect'])) {
    $session->redirect($_GET['redirect']);
}

header('Content-Type: application/json');
echo json_encode(['shown' => $shown, 'worker' => getmypid()]);
