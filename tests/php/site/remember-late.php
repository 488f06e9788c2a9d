<?php

/** Asks for the visitor when it is too late for a cookie. */

declare(strict_types=1);

header('Content-Type: application/json');
echo ' ';
flush();
$session = new Session();
echo json_encode(['isLoggedin' => $session->isLoggedin()]);
