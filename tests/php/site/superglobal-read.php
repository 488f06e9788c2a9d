<?php

/**
 * Shows $_SESSION and changes nothing. ?hold=MILLISECONDS keeps the worker busy for so long.
 */

declare(strict_types=1);

session_start();
usleep(1000 * (int) ($_GET['hold'] ?? 0));

header('Content-Type: application/json');
echo json_encode(['data' => (object) $_SESSION, 'worker' => getmypid()]);
