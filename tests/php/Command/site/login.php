<?php

session_start();
$_SESSION['user'] = $_GET['as'];
$_SESSION['visits'] = 1;
echo "{$_SESSION['user']} 1 ", ini_get('session.save_handler');
