<?php

/**
 * A login that checks passwords itself, in the order of ExpressionEngine's: is there a lockout, the password of ?name= and
 * ?pass=, a note when it was wrong, a login when it was right. ?way= another one:
 * `form` only asks whether there is a lockout, `confirms` logs nobody in, `dies` ends before it knows, `member` logs in whom
 * ?member= names. With ?gate= a password is not looked at before there is a file of that name; a file beside it says that
 * one waits, or was refused.
 */

declare(strict_types=1);

require __DIR__ . '/users/ListedUsers.php';

$input = $_POST + $_GET;
$way = $input['way'] ?? 'login';
$session = new Session(json_decode($input['options'] ?? '{}', true, flags: JSON_THROW_ON_ERROR));
$session->setUserProvider($users = new ListedUsers());
$answer = static function (string $what) use ($session, $input): never {
    header('Content-Type: application/json');
    exit(json_encode(['is' => $what, 'failures' => $session->loginAttempts($input['name'])['failures']]));
};
$marks = static function (string $what) use ($input): void {
    if (isset($input['gate'])) {
        touch("{$input['gate']}.$what." . bin2hex(random_bytes(8)));
    }
};

if ($session->check_password_lockout($input['name'])) {
    $marks('refused');
    $answer('locked out');
}
if ($way === 'form') {
    $answer('form');
}
$marks('waits');
for ($end = microtime(true) + 20; isset($input['gate']) && !file_exists($input['gate']) && microtime(true) < $end; clearstatcache()) {
    usleep(2000);
}
if ($way === 'dies') {
    throw new RuntimeException('on the way to the password');
}
$user = $users->findByName($input['member'] ?? $input['name']);
if (!$users->verifyPassword($user, $input['pass'])) {
    $session->save_password_lockout($input['name']);
    $answer('wrong');
}
if ($way !== 'confirms') {
    $session->forceLogin($user);
    $session->delete_password_lockout();
}
$answer('right');
