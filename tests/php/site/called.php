<?php

/** Logs in and out as ?do= says, and tells what of a subclass was called from inside, and by hooks. */

declare(strict_types=1);

require __DIR__ . '/users/ListedUsers.php';

final class TellingSession extends Holdfast\Session
{
    /** @var list<string> */
    public static array $told = [];

    public function loginSuccess($user)
    {
        self::$told[] = 'loginSuccess ' . $user->getName();
    }

    public function loginFailure($name, $reason)
    {
        self::$told[] = "loginFailure $name: $reason";
    }

    public function logoutSuccess($user)
    {
        self::$told[] = 'logoutSuccess ' . $user->getName();
    }

    public function hookLogin($login, $result)
    {
        self::$told[] = "hookLogin $login " . var_export($result, true);
    }

    public function hookLogout($user)
    {
        self::$told[] = 'hookLogout ' . $user->getName();
    }

    public function allowLogin($name, $pass = null)
    {
        self::$told[] = "allowLogin $name";
        return parent::allowLogin($name, $pass) && $name !== 'bob';
    }
}

$session = new TellingSession();
$session->setUserProvider(new ListedUsers());
foreach (explode(',', $_GET['do']) as $step) {
    match ($step) {
        'login' => $session->login('alice', 'ecila'),
        'fail' => $session->login('alice', 'wrong'),
        'bob' => $session->login('bob', 'bob'),
        'force' => TellingSession::$told[] = 'forced ' . $session->forceLogin((new ListedUsers())->findByName('alice'))->getName(),
        'logout' => $session->logout(),
    };
}
header('Content-Type: application/json');
echo json_encode(TellingSession::$told);
