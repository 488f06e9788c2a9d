<?php

/**
 * Counts this visitor's views.
 */

declare(strict_types=1);

$session = new Session();
$session->views = $session->views + 1;

header('Content-Type: application/json');
echo json_encode(['views' => $session->views, 'id' => $session->getId(), 'worker' => getmypid()]);
