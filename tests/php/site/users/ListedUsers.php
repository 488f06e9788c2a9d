<?php

declare(strict_types=1);

/** Users of a test site: their passwords are their names backwards. */
final class ListedUsers implements Holdfast\UserProvider
{
    /** How often a password was verified in this request, by whose. */
    public static array $verified = [];

    private const IDS = ['alice' => 1, 'bob' => 2, 'carol' => 'c-3'];

    public function findByName(string $name): ?Holdfast\User
    {
        $name = strtolower($name);
        return isset(self::IDS[$name]) ? new ListedUser(self::IDS[$name], $name) : null;
    }

    public function findById(int|string $id): ?Holdfast\User
    {
        $name = array_search($id, self::IDS, true);
        return $name === false ? null : new ListedUser($id, $name);
    }

    public function verifyPassword(?Holdfast\User $user, string $password): bool
    {
        self::$verified[] = $user?->getName();
        return $user !== null && hash_equals(strrev($user->getName()), $password);
    }
}

final class ListedUser implements Holdfast\User
{
    public function __construct(private readonly int|string $id, private readonly string $name)
    {
    }

    public function getId(): int|string
    {
        return $this->id;
    }

    public function getName(): string
    {
        return $this->name;
    }
}
