<?php

declare(strict_types=1);

// An object that calls session_reset() while it is built has ext/session make $_SESSION anew: nothing is written to the old one.

final class Resets
{
    public static int $left = 0;

    public function __wakeup(): void
    {
        if (self::$left-- > 0) {
            session_reset();
        }
    }
}

ini_set('session.save_handler', 'holdfast');
ini_set('session.serialize_handler', 'holdfast');
ini_set('session.use_cookies', '0');
ini_set('session.cache_limiter', '');
session_start();
$_SESSION = ['n' => 1, 'object' => new Resets()];
$id = session_id();
session_write_close();
Resets::$left = 2;
session_id($id);
session_start();
assert($_SESSION['n'] === 1 && $_SESSION['object'] instanceof Resets && Resets::$left < 0);
