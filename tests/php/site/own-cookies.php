<?php

/**
 * Sends cookies of its own before, between and after those of the session.
 */

declare(strict_types=1);

setcookie('own', '1');
$session = new Session();
$session->set('a', 1);
setcookie('holdfast2', '1');
$session->regenerate();
echo 'done';
