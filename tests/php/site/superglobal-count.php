<?php

/**
 * Counts this visitor's views in $_SESSION.
 */

declare(strict_types=1);

session_start();
$_SESSION['views'] = ($_SESSION['views'] ?? 0) + 1;

header('Content-Type: application/json');
echo json_encode(['views' => $_SESSION['views'], 'id' => session_id(), 'worker' => getmypid()]);
