<?php

/**
 * Works on a store until it is ended: php load.php <id>. Guests come, somebody guesses passwords, and who else runs this with the
 * same id changes the same session.
 */

declare(strict_types=1);

require __DIR__ . '/../site/users/ListedUsers.php';

$shared = new Session(['id' => $argv[1]]);
for ($number = 0; ; ++$number) {
    $shared->set('by' . getmypid(), $number)->save();
    $guest = new Session(['cookie_name' => 'load' . $number % 500]);
    $guest->set('number', $number)->save();
    if ($number % 40 === 0) {
        $guest->setUserProvider(new ListedUsers());
        $guest->login('carol', "wrong$number");
    }
    usleep(3000);
}
