<?php

/**
 * Increments `n` in the session ?times= times, each time for itself.
 */

declare(strict_types=1);

$session = new Session();
for ($time = (int) $_GET['times']; $time > 0; --$time) {
    $session->increment('n');
}

header('Content-Type: application/json');
echo json_encode(['worker' => getmypid()]);
