<?php

/**
 * Counts, through a save handler of the application's own that wraps the one of php.ini.
 */

declare(strict_types=1);

final class Wrapper extends SessionHandler
{
    public function read(string $id): string|false
    {
        return parent::read($id);
    }
}

ini_set('session.use_strict_mode', $_GET['strict'] ?? '0');
session_set_save_handler(new Wrapper(), true);
session_start();
$_SESSION['n'] = ($_SESSION['n'] ?? 0) + 1;
$said = ['n' => $_SESSION['n'], 'id' => session_id()];
if (isset($_GET['destroy'])) {
    session_destroy();
}

header('Content-Type: application/json');
echo json_encode($said);
