<?php

declare(strict_types=1);

namespace Holdfast\Users;

use Holdfast\Exception\InvalidArgument;
use Holdfast\Exception\InvalidState;
use Holdfast\Exception\StoreException;
use Holdfast\Session;
use Holdfast\Users\Exception\DatabaseFailed;
use Holdfast\Users\Exception\UnknownRole;

/**
 * The roles of PdoMemberProvider's members: its property `roles`.
 *
 * What changes a role takes the session that its members are to be told by: the change is committed first, and each of their
 * sessions in its store sees it at its next request. Where the store fails, the change is made, and the call may be repeated.
 */
final class Roles
{
    /** The columns that may have any UTF-8. */
    public const TEXTS = ['name'];

    private const COLUMNS = ['id', 'name', 'is_locked', 'privileges', 'settings', 'version'];
    private const MEMBERS_AT_ONCE = 1000;
    private const NAME = '/^[^\x00]{1,255}$/Du';

    public function __construct(
        private readonly Table $table,
        private readonly Table $members,
        private readonly Table $users,
    ) {
    }

    /**
     * @return Role|null null when there is none of this id
     * @throws DatabaseFailed
     */
    public function find(int $id): ?Role
    {
        return $this->roles('WHERE r.id = ?', [$id])[0] ?? null;
    }

    /**
     * @return list<Role> every role, by id
     * @throws DatabaseFailed
     */
    public function all(): array
    {
        return $this->roles('ORDER BY r.id');
    }

    /**
     * Adds a role.
     *
     * @param string $name 1 to 255 characters of UTF-8: what userdata('group_title') gives
     * @param list<string> $privileges the names of those that it has, such as can_search
     * @param array<string, mixed> $settings as for setSettings()
     * @throws InvalidArgument on a name or a privilege that can be none, or a value of a wrong type
     * @throws DatabaseFailed
     */
    public function create(string $name, array $privileges = [], array $settings = [], bool $isLocked = false): Role
    {
        $id = $this->table->insert([
            'name' => self::checkedName($name),
            'is_locked' => (int) $isLocked,
            'privileges' => MemberVariables::encode(MemberVariables::privileges($privileges), true),
            'settings' => self::encodedSettings($settings),
            'version' => 1,
        ]);
        return $this->known($id);
    }

    /**
     * Gives the role these privileges and no others.
     *
     * @param list<string> $privileges such as can_search
     * @throws InvalidArgument|InvalidState|UnknownRole|DatabaseFailed|StoreException as PdoMemberProvider::setMemberRole()
     */
    public function setPrivileges(int $role, array $privileges, Session $session): Role
    {
        return $this->change($role, 'privileges', MemberVariables::encode(MemberVariables::privileges($privileges), true), $session);
    }

    /**
     * Gives each member of the role these variables, and no others by the role. What a member has of the same name goes before.
     *
     * @param array<string, mixed> $settings as for PdoMemberProvider::setMemberData(), but for those with a column
     * @throws InvalidArgument|InvalidState|UnknownRole|DatabaseFailed|StoreException as PdoMemberProvider::setMemberRole()
     */
    public function setSettings(int $role, array $settings, Session $session): Role
    {
        return $this->change($role, 'settings', self::encodedSettings($settings), $session);
    }

    /**
     * @param string $name 1 to 255 characters of UTF-8
     * @throws InvalidArgument|InvalidState|UnknownRole|DatabaseFailed|StoreException as PdoMemberProvider::setMemberRole()
     */
    public function rename(int $role, string $name, Session $session): Role
    {
        return $this->change($role, 'name', self::checkedName($name), $session);
    }

    /**
     * What userdata('is_locked') gives: in ExpressionEngine, whether superadmins alone may give somebody this role.
     *
     * @throws InvalidState|UnknownRole|DatabaseFailed|StoreException as PdoMemberProvider::setMemberRole()
     */
    public function setLocked(int $role, bool $isLocked, Session $session): Role
    {
        return $this->change($role, 'is_locked', (int) $isLocked, $session);
    }

    private function change(int $role, string $column, int|string $value, Session $session): Role
    {
        $this->table->refuseTransaction();
        [$place] = $this->table->places([$column]);
        $changed = $this->table->transaction(fn (): int => $this->table->change(
            "UPDATE {$this->table->quoted()} SET $column = $place, version = version + 1 WHERE id = ?",
            [$value, $role]
        ));
        if ($changed === 0) {
            throw UnknownRole::ofId($role, $this->table->name);
        }
        foreach ($this->membersOf($role) as $member) {
            $session->invalidateUserdata($member);
        }
        return $this->known($role);
    }

    /**
     * The ids of a role's members. Those who come to it meanwhile ask for the role as it is by then.
     *
     * @return iterable<int>
     */
    private function membersOf(int $role): iterable
    {
        $most = self::MEMBERS_AT_ONCE;
        // Users without a row in the members' table are Members.
        $sql = $role === Role::MEMBERS
            ? "SELECT u.id FROM {$this->users->quoted()} u LEFT JOIN {$this->members->quoted()} m ON m.user_id = u.id"
                . " WHERE (m.role_id = ? OR m.role_id IS NULL) AND u.id > ? ORDER BY u.id LIMIT $most"
            : "SELECT user_id FROM {$this->members->quoted()} WHERE role_id = ? AND user_id > ? ORDER BY user_id LIMIT $most";
        $last = 0;
        do {
            $rows = $this->members->rows($sql, [$role, $last]);
            foreach ($rows as [$id]) {
                yield $last = (int) $id;
            }
        } while (count($rows) === $most);
    }

    /**
     * @param list<int> $values
     * @return list<Role>
     */
    private function roles(string $which, array $values = []): array
    {
        $columns = implode(', ', array_map(fn (string $column): string => $this->table->column($column, 'r'), self::COLUMNS));
        return array_map($this->roleOf(...), $this->table->rows("SELECT $columns FROM {$this->table->quoted()} r $which", $values));
    }

    private function known(int $id): Role
    {
        return $this->find($id) ?? throw UnknownRole::ofId($id, $this->table->name);
    }

    /** @param list<mixed> $row COLUMNS */
    private function roleOf(array $row): Role
    {
        [$id, $name, $isLocked, $privileges, $settings, $version] = $row;
        $unreadable = fn (): DatabaseFailed => DatabaseFailed::atText($this->table->name, "role $id");
        return new Role(
            (int) $id,
            (string) $name,
            (bool) (int) $isLocked,
            array_values(MemberVariables::decode((string) $privileges) ?? throw $unreadable()),
            MemberVariables::decode((string) $settings) ?? throw $unreadable(),
            (int) $version
        );
    }

    /** @param array<array-key, mixed> $settings */
    private static function encodedSettings(array $settings): string
    {
        $checked = array_filter(MemberVariables::checked($settings), static fn (mixed $value): bool => $value !== null);
        $columns = array_intersect(MemberVariables::COLUMNS, array_keys($checked));
        if ($columns !== []) {
            throw new InvalidArgument(implode(', ', $columns) . " can't be set for a role: each member has their own.");
        }
        return MemberVariables::encode($checked);
    }

    private static function checkedName(string $name): string
    {
        return preg_match(self::NAME, $name) === 1
            ? $name
            : throw new InvalidArgument('The name of a role has 1 to 255 characters of UTF-8, none of them NUL.');
    }
}
