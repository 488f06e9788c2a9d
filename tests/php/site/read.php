<?php

/**
 * Shows the session and changes nothing. ?hold=MILLISECONDS keeps the worker busy for so long; ?cookie_name=NAME reads
 * the session of another cookie.
 */

declare(strict_types=1);

$session = new Session(isset($_GET['cookie_name']) ? ['cookie_name' => $_GET['cookie_name']] : []);
$data = $session->getAll();
usleep(1000 * (int) ($_GET['hold'] ?? 0));

header('Content-Type: application/json');
echo json_encode(['data' => (object) $data, 'id' => $session->getId(), 'worker' => getmypid()]);
