<?php

/** The users have changed: bob's account is gone. */

declare(strict_types=1);

require __DIR__ . '/users/ListedUsers.php';

$session = new Session();
$session->setUserProvider(new class implements Holdfast\UserProvider {
    public function findByName(string $name): ?Holdfast\User
    {
        return null;
    }

    public function findById(int|string $id): ?Holdfast\User
    {
        return null;
    }

    public function verifyPassword(?Holdfast\User $user, string $password): bool
    {
        return false;
    }
});
header('Content-Type: application/json');
echo json_encode(['results' => [$session->isLoggedin(), $session->getUser(), $session->isLoggedin()]]);
