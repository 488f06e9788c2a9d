<?php

/** `$_SESSION`: started, one variable changed, closed. */

declare(strict_types=1);

require __DIR__ . '/../variables.php';

session_start();
$_SESSION = variables();
session_write_close();

for ($cycle = 0; $cycle < (int) $argv[1]; ++$cycle) {
    session_start();
    $_SESSION['changed'] = $cycle;
    session_write_close();
}
