<?php

/**
 * Takes the posted single-use token of the form `order`, tells ?file= the process id, and waits to be killed.
 */

declare(strict_types=1);

$session = new Session();
if ($session->CSRF->hasValidToken('order')) {
    file_put_contents($_GET['file'] . '.new', getmypid());
    rename($_GET['file'] . '.new', $_GET['file']);
    while (true) {
        usleep(1000);
    }
}
echo 'refused';
