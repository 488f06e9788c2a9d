<?php

/** `$_SESSION`: started, one variable read, closed. */

declare(strict_types=1);

require __DIR__ . '/../variables.php';

session_start();
$_SESSION = variables();
session_write_close();

for ($cycle = 0; $cycle < (int) $argv[1]; ++$cycle) {
    session_start();
    $_SESSION['item3'];
    session_write_close();
}
