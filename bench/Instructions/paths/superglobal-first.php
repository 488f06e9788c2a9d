<?php

/** `$_SESSION`: started by a process that has not seen the session, one variable read, closed. */

declare(strict_types=1);

require __DIR__ . '/../variables.php';

// As many for every number of cycles: what they cost drops out.
for ($session = 0; $session < 600; ++$session) {
    session_id("session-$session");
    session_start();
    $_SESSION = variables();
    session_write_close();
}

for ($cycle = 0; $cycle < (int) $argv[1]; ++$cycle) {
    session_id("session-$cycle");
    session_start();
    $_SESSION['item3'];
    session_write_close();
}
