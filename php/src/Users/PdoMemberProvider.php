<?php

declare(strict_types=1);

namespace Holdfast\Users;

use Closure;
use Holdfast\Exception\InvalidArgument;
use Holdfast\Exception\InvalidState;
use Holdfast\Exception\StoreException;
use Holdfast\MemberProvider;
use Holdfast\Session;
use Holdfast\User;
use Holdfast\Users\Exception\DatabaseFailed;
use Holdfast\Users\Exception\InvalidName;
use Holdfast\Users\Exception\InvalidPassword;
use Holdfast\Users\Exception\NameTaken;
use Holdfast\Users\Exception\UnknownRole;
use Holdfast\Users\Exception\UnknownUser;
use PDO;

/**
 * The users of PdoUserProvider with what userdata() tells of them: data of their own, and a role with its privileges.
 * Schema::installMembers() makes the tables; docs/members.md describes them.
 *
 * What changes a member takes the session that they are to be told by: the change is committed first, and each session of theirs
 * in its store sees it at its next request. Where the store fails, the change is made, and the call may be repeated.
 */
final class PdoMemberProvider extends PdoUserProvider implements MemberProvider
{
    /** What a role that has it not must say, as guests have it. */
    private const GUESTS_PRIVILEGE = 'can_view_online_system';

    public readonly Roles $roles;

    private readonly Table $members;
    private readonly Table $rolesTable;

    /**
     * Asks nothing of the database yet.
     *
     * @param PDO|Closure(): PDO $pdo as for PdoUserProvider, like the two that follow
     * @param array<string, int|string> $passwordOptions
     * @param string $membersTable letters from A to Z, digits and _; a schema may stand before it: app.members
     * @param string $rolesTable the same
     * @throws InvalidArgument as PdoUserProvider
     */
    public function __construct(
        PDO|Closure $pdo,
        string $table = 'users',
        array $passwordOptions = [],
        string $membersTable = 'members',
        string $rolesTable = 'roles',
    ) {
        parent::__construct($pdo, $table, $passwordOptions);
        $this->members = new Table($this->connection, $membersTable, "the members' table", MemberVariables::COLUMNS);
        $this->rolesTable = new Table($this->connection, $rolesTable, "the roles' table", Roles::TEXTS);
        $this->roles = new Roles($this->rolesTable, $this->members, $this->table);
    }

    /**
     * One query.
     *
     * @return array<string, mixed> empty for a user who is not there (any more)
     * @throws DatabaseFailed
     */
    public function getMemberData(User $user): array
    {
        $id = self::idOf($user->getId());
        $own = array_map(fn (string $column): string => $this->members->column($column, 'm'), [...MemberVariables::COLUMNS, 'data']);
        $title = $this->rolesTable->column('name', 'r');
        $rows = $this->rowsOf($id, 'u.name, ' . implode(', ', $own) . ", $title, r.is_locked, r.privileges, r.settings");
        if (!isset($rows[0])) {
            return [];
        }
        $row = $rows[0];
        $role = (int) array_shift($row);
        $name = (string) array_shift($row);
        $own = array_combine(MemberVariables::COLUMNS, array_splice($row, 0, count(MemberVariables::COLUMNS)));
        [$data, $title, $isLocked, $privileges, $settings] = $row;
        $own = array_filter($own, static fn (mixed $value): bool => (string) $value !== '');
        return [
            ...self::withoutPrivileges($this->decoded($settings, $this->rolesTable, "role $role")),
            ...self::withoutPrivileges($this->decoded($data, $this->members, "the data of member $id")),
            'screen_name' => $name,
            ...$own,
            'username' => $name,
            'group_id' => $role,
            'group_title' => (string) $title,
            'is_locked' => (int) $isLocked !== 0,
            self::GUESTS_PRIVILEGE => 'n',
            ...self::granted($this->decoded($privileges, $this->rolesTable, "role $role")),
        ];
    }

    /**
     * One query. The version of the user, the role's id, and the version of the role.
     *
     * @throws DatabaseFailed
     */
    public function getMemberVersion(User $user): string
    {
        $rows = $this->rowsOf(self::idOf($user->getId()), 'u.version, r.version');
        if (!isset($rows[0])) {
            return '';
        }
        [$role, $version, $roleVersion] = $rows[0];
        return implode('.', [(int) $version, (int) $role, (int) $roleVersion]);
    }

    /**
     * Adds a member.
     *
     * @param string $name as for PdoUserProvider, like the password
     * @param int $role such as Role::PENDING
     * @param array<string, mixed> $data as for setMemberData()
     * @throws InvalidName|InvalidPassword|NameTaken|UnknownRole|InvalidArgument|DatabaseFailed
     */
    public function create(string $name, #[\SensitiveParameter] string $password, int $role = Role::MEMBERS, array $data = []): PdoUser
    {
        $checked = MemberVariables::checked($data);
        return $this->table->transaction(function () use ($name, $password, $role, $checked): PdoUser {
            $user = parent::create($name, $password);
            $this->write($user->id, $role, $checked);
            return $user;
        });
    }

    /**
     * Gives the member another name to log in with. Their sessions know the old one until they are told.
     *
     * @param Session|null $session tells them
     * @throws InvalidName|NameTaken|UnknownUser|DatabaseFailed as PdoUserProvider; with a session also as setMemberRole()
     */
    public function rename(User $user, string $name, ?Session $session = null): PdoUser
    {
        if ($session === null) {
            return parent::rename($user, $name);
        }
        return $this->changeAndTell($user, $session, fn (): PdoUser => parent::rename($user, $name));
    }

    /**
     * Gives the member a role.
     *
     * @param int $role its id, such as Role::BANNED
     * @param Session $session in whose store the member's sessions are
     * @return PdoUser the member as they are now, the version raised
     * @throws InvalidState when the connection is in a transaction of the site's: sessions would ask for what is not committed
     * @throws UnknownUser
     * @throws UnknownRole
     * @throws DatabaseFailed
     * @throws StoreException when the sessions can't be told; the role is changed then
     */
    public function setMemberRole(User $user, int $role, Session $session): PdoUser
    {
        return $this->changeAndTell($user, $session, fn (int $id): PdoUser => $this->changed($id, $role, []));
    }

    /**
     * Changes some of the member's data; what is not named stays.
     *
     * @param array<string, mixed> $changes by the names of docs/expressionengine-api.md, or any others; null for the default.
     *   What is not in that table may be anything that JSON holds. No privileges, and nothing that the role decides.
     * @param Session $session in whose store the member's sessions are
     * @return PdoUser the member as they are now, the version raised
     * @throws InvalidArgument on a name that can be none or is set elsewhere, and a value of a wrong type; it names it
     * @throws InvalidState|UnknownUser|DatabaseFailed|StoreException as setMemberRole()
     */
    public function setMemberData(User $user, array $changes, Session $session): PdoUser
    {
        $checked = MemberVariables::checked($changes);
        return $this->changeAndTell($user, $session, fn (int $id): PdoUser => $this->changed($id, null, $checked));
    }

    public function delete(User $user): bool
    {
        return $this->table->transaction(function () use ($user): bool {
            // The user first, as all changes lock that row first. Where the database heeds references, this does both.
            $was = parent::delete($user);
            $this->members->change("DELETE FROM {$this->members->quoted()} WHERE user_id = ?", [self::idOf($user->getId())]);
            return $was;
        });
    }

    /** @param callable(int): PdoUser $change */
    private function changeAndTell(User $user, Session $session, #[\SensitiveParameter] callable $change): PdoUser
    {
        $this->table->refuseTransaction();
        $id = self::idOf($user->getId());
        $changed = $this->table->transaction(static fn (): PdoUser => $change($id));
        $session->invalidateUserdata($id);
        return $changed;
    }

    /**
     * Raises the version first: others that change the same member wait until this is committed, and lose nothing.
     *
     * @param array<string, mixed> $data
     */
    private function changed(int $id, ?int $role, array $data): PdoUser
    {
        $raised = $this->table->change(
            "UPDATE {$this->table->quoted()} SET version = version + 1, updated_at = ? WHERE id = ?",
            [time(), $id]
        );
        if ($raised === 0) {
            throw $this->unknown($id);
        }
        $this->write($id, $role, $data);
        return $this->known($id);
    }

    /**
     * @param int|null $role null: as it is
     * @param array<string, mixed> $data checked
     */
    private function write(int $id, ?int $role, array $data): void
    {
        if ($role !== null && $this->roles->find($role) === null) {
            throw UnknownRole::ofId($role, $this->rolesTable->name);
        }
        $rows = $this->members->rows("SELECT data FROM {$this->members->quoted()} WHERE user_id = ?", [$id]);
        $columns = array_map('strval', array_intersect_key($data, array_flip(MemberVariables::COLUMNS)));
        $others = [
            ...$this->decoded($rows[0][0] ?? null, $this->members, "the data of member $id"),
            ...array_diff_key($data, $columns),
        ];
        $columns['data'] = MemberVariables::encode(array_filter($others, static fn (mixed $value): bool => $value !== null));
        if ($role !== null) {
            $columns['role_id'] = $role;
        }
        if ($rows === []) {
            $columns += ['user_id' => $id, 'role_id' => Role::MEMBERS];
            $names = array_keys($columns);
            $sql = "INSERT INTO {$this->members->quoted()} (" . implode(', ', $names) . ') VALUES (' . implode(', ', $this->members->places($names)) . ')';
            $this->members->change($sql, array_values($columns));
            return;
        }
        $set = array_map(
            static fn (string $name, string $place): string => "$name = $place",
            array_keys($columns),
            $this->members->places(array_keys($columns))
        );
        $this->members->change(
            "UPDATE {$this->members->quoted()} SET " . implode(', ', $set) . ' WHERE user_id = ?',
            [...array_values($columns), $id]
        );
    }

    /**
     * What is committed: a session keeps it as the state after the last change that it was told of. Users without a row in the
     * members' table are Members.
     *
     * @return list<list<mixed>> the role's id, and the columns
     */
    private function rowsOf(int $id, string $columns): array
    {
        $role = 'COALESCE(m.role_id, ' . Role::MEMBERS . ')';
        $query = "SELECT $role, $columns FROM {$this->table->quoted()} u LEFT JOIN {$this->members->quoted()} m ON m.user_id = u.id"
            . " LEFT JOIN {$this->rolesTable->quoted()} r ON r.id = $role WHERE u.id = ?";
        return $this->members->rows($this->connection->asCommitted($query), [$id]);
    }

    /** @return array<array-key, mixed> empty where there is no row */
    private function decoded(mixed $json, Table $table, string $whose): array
    {
        return $json === null ? [] : MemberVariables::decode((string) $json) ?? throw DatabaseFailed::atText($table->name, $whose);
    }

    /**
     * @param array<array-key, mixed> $privileges names; what is no privilege's is nothing that a role can give
     * @return array<string, 'y'>
     */
    private static function granted(array $privileges): array
    {
        $names = array_filter($privileges, static fn (mixed $name): bool => is_string($name) && str_starts_with($name, 'can_'));
        return array_fill_keys($names, 'y');
    }

    /**
     * @param array<array-key, mixed> $data
     * @return array<array-key, mixed>
     */
    private static function withoutPrivileges(array $data): array
    {
        return array_filter($data, static fn (mixed $name): bool => !str_starts_with((string) $name, 'can_'), ARRAY_FILTER_USE_KEY);
    }
}
