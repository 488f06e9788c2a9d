<?php

/** `$_SESSION` of 160 KB, all below one variable as ProcessWire keeps it: started, one number in it changed, closed. */

declare(strict_types=1);

require __DIR__ . '/../variables.php';

session_start();
$_SESSION['Session'] = ['changed' => -1];
foreach (range(0, 59) as $n) {
    $_SESSION['Session']["Module$n"] = variables();
}
session_write_close();

for ($cycle = 0; $cycle < (int) $argv[1]; ++$cycle) {
    session_start();
    $_SESSION['Session']['changed'] = $cycle;
    session_write_close();
}
