<?php

declare(strict_types=1);

namespace Holdfast\Users;

use DateTimeImmutable;
use Holdfast\User;

/**
 * A user of PdoUserProvider, as the database had it when it was asked. The password's hash is not in it.
 */
final class PdoUser implements User
{
    /**
     * @param string $name as it was given, upper and lower case kept
     * @param int $version 1 for a new user; goes up when the name or the password changes, or a member's data or role
     * @param DateTimeImmutable $createdAt UTC, to the second
     * @param DateTimeImmutable $updatedAt UTC, to the second: when the version last went up
     */
    public function __construct(
        public readonly int $id,
        public readonly string $name,
        public readonly int $version,
        public readonly DateTimeImmutable $createdAt,
        public readonly DateTimeImmutable $updatedAt,
    ) {
    }

    public function getId(): int
    {
        return $this->id;
    }

    public function getName(): string
    {
        return $this->name;
    }
}
