<?php

/** Logs somebody in, whose id is ?id=, without a password. */

declare(strict_types=1);

final class AnyUser implements Holdfast\User
{
    public function getId(): string
    {
        return $_GET['id'];
    }

    public function getName(): string
    {
        return 'anybody';
    }
}

final class AnyUsers implements Holdfast\UserProvider
{
    public function findByName(string $name): ?Holdfast\User
    {
        return new AnyUser();
    }

    public function findById(int|string $id): ?Holdfast\User
    {
        return new AnyUser();
    }

    public function verifyPassword(?Holdfast\User $user, string $password): bool
    {
        return false;
    }
}

$session = new Session();
$session->setUserProvider(new AnyUsers());
$session->forceLogin(new AnyUser());
