<?php

declare(strict_types=1);

/** @var Session $session */

allowMethods('POST');

$session->logout();
$session->message('You are logged out. Fair winds.');
$session->redirect('/', 303);
