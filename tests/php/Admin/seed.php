<?php

/**
 * Stores sessions quickly: php seed.php <the first's number> <how many>. Every fourth one is a guest's; of the others each
 * three are one user's. Where the login came from, and what browser it was, the environment says (REMOTE_ADDR, HTTP_USER_AGENT).
 */

declare(strict_types=1);

final class NumberedUser implements Holdfast\User
{
    public function __construct(private readonly int $id)
    {
    }

    public function getId(): int
    {
        return $this->id;
    }

    public function getName(): string
    {
        return "user{$this->id}";
    }
}

final class NumberedUsers implements Holdfast\UserProvider
{
    public function findByName(string $name): ?Holdfast\User
    {
        return null;
    }

    public function findById(int|string $id): ?Holdfast\User
    {
        return new NumberedUser((int) $id);
    }

    public function verifyPassword(?Holdfast\User $user, string $password): bool
    {
        return false;
    }
}

[, $first, $count] = array_map('intval', $argv);
for ($number = $first; $number < $first + $count; ++$number) {
    $session = new Session(['cookie_name' => "c$number"]);
    $session->set('cart', ['tea' => $number % 9, 'note' => str_repeat('x', $number * 37 % 2000)]);
    if ($number % 4 !== 0) {
        $session->setUserProvider(new NumberedUsers());
        $session->forceLogin(new NumberedUser(1000 + intdiv($number, 3)));
    }
    $session->save();
}
