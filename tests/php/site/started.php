<?php

/**
 * Counts in a session that PHP has started, or that the script starts after it has chosen the handler: ?by=ini_set or
 * ?by=session_module_name.
 */

declare(strict_types=1);

if (($_GET['by'] ?? '') === 'ini_set') {
    ini_set('session.save_handler', 'holdfast');
    ini_set('session.serialize_handler', 'holdfast');
} elseif (($_GET['by'] ?? '') === 'session_module_name') {
    session_module_name('holdfast');
}
if (session_status() !== PHP_SESSION_ACTIVE) {
    session_start();
}
$_SESSION['n'] = ($_SESSION['n'] ?? 0) + 1;
echo $_SESSION['n'];
