<?php

/**
 * One of several requests of one visitor: waits ?hold= milliseconds and leaves a key ?n= of its own at the top level, one
 * three levels deep, and an item at the end of one list. ?face=session does so with `$_SESSION`, ?face=class with `Session`.
 */

declare(strict_types=1);

$n = (int) $_GET['n'];
$began = microtime(true);
if ($_GET['face'] === 'session') {
    session_start();
    $data = &$_SESSION;
} else {
    $data = new Session();
    $data->init();
}
$waited = microtime(true) - $began;
usleep(1000 * (int) ($_GET['hold'] ?? 0));

$data["top$n"] = $n;
$data['shop']['cart']['items']["deep$n"] = $n;
$data['list'][] = $n;

header('Content-Type: application/json');
echo json_encode(['worker' => getmypid(), 'waited' => $waited]);
