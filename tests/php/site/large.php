<?php

/**
 * Says how many bytes the session holds in `large`; ?bytes= gives it so many.
 */

declare(strict_types=1);

$session = new Session();
if (isset($_GET['bytes'])) {
    $session->large = random_bytes((int) $_GET['bytes']);
}

header('Content-Type: application/json');
echo json_encode(['bytes' => strlen($session->large), 'worker' => getmypid()]);
