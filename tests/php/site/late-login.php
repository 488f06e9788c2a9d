<?php

declare(strict_types=1);

require __DIR__ . '/users/ListedUsers.php';

$session = new Session();
$session->setUserProvider(new ListedUsers());
echo 'output';
flush();
try {
    $session->login('alice', 'ecila');
} catch (Holdfast\Exception\InvalidState $late) {
    echo $late->getMessage();
}
echo $session->isLoggedin() ? ' logged in' : ' not logged in';
