<?php

declare(strict_types=1);

namespace Holdfast\Users;

/**
 * A role of members, as the database had it when it was asked. Userdata calls it the member's group.
 */
final class Role
{
    // Those that have a meaning of their own; ids from 6 on are a site's.
    public const SUPERADMINS = 1;
    public const BANNED = 2;
    public const GUESTS = 3;
    public const PENDING = 4;
    public const MEMBERS = 5;

    /**
     * @param list<string> $privileges the names of those that it has, such as can_search; of the ids 1, 2 and 4 they don't count
     * @param array<string, mixed> $settings variables that each of its members has who has none of that name
     * @param int $version 1 for a new role; goes up when anything of it changes
     */
    public function __construct(
        public readonly int $id,
        public readonly string $name,
        public readonly bool $isLocked,
        public readonly array $privileges,
        public readonly array $settings,
        public readonly int $version,
    ) {
    }
}
