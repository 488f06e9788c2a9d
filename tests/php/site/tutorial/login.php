<?php
session_start();
require 'users.php';

$username = $_POST['username'] ?? '';
$password = $_POST['password'] ?? '';

if (isset($users[$username]) && password_verify($password, $users[$username])) {
    session_regenerate_id(true);
    $_SESSION['username'] = $username;
    $_SESSION['flash'] = 'You are logged in.';
} else {
    $_SESSION['flash'] = 'Wrong name or password.';
}

header('Location: index.php');
exit;
