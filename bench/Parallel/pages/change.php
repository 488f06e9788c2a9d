<?php

/**
 * One page view that takes ?hold= milliseconds and leaves four changes: a key ?n= of its own at the top level, one three
 * levels deep, an item at the end of one list, and a counter raised by one. ?face=class does so with `Session`, else with
 * `$_SESSION`.
 *
 * The session is opened before the work and written after it, as every page does that is not written for parallel requests.
 */

declare(strict_types=1);

$n = (int) $_GET['n'];
if (($_GET['face'] ?? '') === 'class') {
    $data = new Session();
    $opened = $data->init();
} else {
    $opened = session_start();
    $data = &$_SESSION;
}

usleep(1000 * (int) $_GET['hold']);

$data["key$n"] = $n;
$data['shop']['cart']['items']["deep$n"] = $n;
$data['list'][] = $n;
$data['counter'] = ($data['counter'] ?? 0) + 1;

header('Content-Type: application/json');
echo json_encode(['opened' => $opened]);
