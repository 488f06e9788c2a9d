<?php

session_start();
$_SESSION['visits'] = ($_SESSION['visits'] ?? 0) + 1;
echo $_SESSION['user'] ?? 'nobody', " {$_SESSION['visits']} ", ini_get('session.save_handler');
