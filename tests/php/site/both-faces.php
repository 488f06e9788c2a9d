<?php

/** Logs alice in by the class, or shows $_SESSION of the same cookie. */

declare(strict_types=1);

require __DIR__ . '/users/ListedUsers.php';

if ($_GET['do'] === 'login') {
    $session = new Session();
    $session->setUserProvider(new ListedUsers());
    $session->secret = 1;
    $session->login('alice', 'ecila');
    $said = ['data' => $session->getAll(), 'id' => $session->getId()];
} else {
    session_name('holdfast');
    session_start();
    $said = ['data' => $_SESSION, 'id' => session_id()];
}
header('Content-Type: application/json');
echo json_encode($said);
