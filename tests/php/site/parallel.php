<?php

/**
 * Loads the session, waits until ?hold= milliseconds have passed, and sets ?name= to the worker's process id; removes
 * ?remove=.
 */

declare(strict_types=1);

$session = new Session();
$session->init();
usleep(1000 * (int) ($_GET['hold'] ?? 0));
if (isset($_GET['name'])) {
    $session->set($_GET['name'], getmypid());
}
if (isset($_GET['remove'])) {
    $session->remove($_GET['remove']);
}
echo json_encode(['worker' => getmypid()]);
