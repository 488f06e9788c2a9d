<?php

/**
 * The visitor's first page view: it makes a session, with nothing in it that the later ones change.
 */

declare(strict_types=1);

if (($_GET['face'] ?? '') === 'class') {
    $data = new Session();
} else {
    session_start();
    $data = &$_SESSION;
}
$data['language'] = 'en';

echo json_encode(['opened' => true]);
