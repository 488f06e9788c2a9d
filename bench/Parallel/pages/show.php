<?php

/**
 * What is in the session.
 */

declare(strict_types=1);

if (($_GET['face'] ?? '') === 'class') {
    $data = (new Session())->getAll();
} else {
    session_start();
    $data = $_SESSION;
}

header('Content-Type: application/json');
echo json_encode(['data' => $data]);
