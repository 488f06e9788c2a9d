<?php

declare(strict_types=1);

namespace Holdfast\Users;

use Holdfast\Exception\InvalidArgument;
use Holdfast\Users\Exception\DatabaseFailed;
use PDO;
use RuntimeException;

/**
 * Makes the tables of the users and the members, from the files in schema/.
 */
final class Schema
{
    private const DIRECTORY = __DIR__ . '/../../schema';

    /**
     * Makes the table of the users unless it is there. It may be called again, and by several processes at once.
     *
     * @param string $table as for PdoUserProvider
     * @throws InvalidArgument as PdoUserProvider
     * @throws DatabaseFailed also when there is a table of this name already, with other columns: it stays as it is
     */
    public static function install(PDO $pdo, string $table = 'users'): void
    {
        $connection = new Connection($pdo);
        $users = new Table($connection, $table);
        $failure = self::make($connection, '', ['users' => $users]);
        try {
            $columns = 'id, name, name_key, password_hash, version, created_at, updated_at';
            $users->rows("SELECT $columns FROM {$users->quoted()} WHERE id = 0");
        } catch (DatabaseFailed $unusable) {
            throw $failure ?? $unusable;
        }
    }

    /**
     * Makes the tables of the users, of their roles and of their data, each unless it is there, and those of ExpressionEngine's
     * five roles that are not there. It may be called again, and by several processes at once.
     *
     * @param string $table as for PdoMemberProvider, like the others
     * @throws InvalidArgument as PdoMemberProvider
     * @throws DatabaseFailed also when there is a table of one of the names already, with other columns: it stays as it is
     */
    public static function installMembers(
        PDO $pdo,
        string $table = 'users',
        string $membersTable = 'members',
        string $rolesTable = 'roles',
    ): void {
        $connection = new Connection($pdo);
        $users = new Table($connection, $table);
        $members = new Table($connection, $membersTable, "the members' table");
        $roles = new Table($connection, $rolesTable, "the roles' table");
        self::install($pdo, $table);
        $failure = self::make($connection, 'members-', ['users' => $users, 'members' => $members, 'roles' => $roles]);
        try {
            self::mustHave($members, $roles);
        } catch (DatabaseFailed $unusable) {
            throw $failure ?? $unusable;
        }
    }

    /** Can these tables of members and roles be used? */
    public static function hasMembers(PDO $pdo, string $membersTable = 'members', string $rolesTable = 'roles'): bool
    {
        $connection = new Connection($pdo);
        try {
            self::mustHave(
                new Table($connection, $membersTable, "the members' table"),
                new Table($connection, $rolesTable, "the roles' table")
            );
            return true;
        } catch (DatabaseFailed) {
            return false;
        }
    }

    /**
     * @param array<string, Table> $tables by their names in the file
     * @return DatabaseFailed|null the first failure. Of two that make a table at once, PostgreSQL refuses one; then it is there.
     */
    private static function make(Connection $connection, string $file, array $tables): ?DatabaseFailed
    {
        $failure = null;
        foreach (self::statements($connection, $file, $tables) as $sql) {
            try {
                reset($tables)->change($sql);
            } catch (DatabaseFailed $failed) {
                $failure ??= $failed;
            }
        }
        return $failure;
    }

    /** @throws DatabaseFailed */
    private static function mustHave(Table $members, Table $roles): void
    {
        $columns = 'user_id, role_id, data, ' . implode(', ', MemberVariables::COLUMNS);
        $members->rows("SELECT $columns FROM {$members->quoted()} WHERE user_id = 0");
        $roles->rows("SELECT id, name, is_locked, privileges, settings, version FROM {$roles->quoted()} WHERE id = 0");
    }

    /**
     * @param array<string, Table> $tables by their names in the file
     * @return list<string>
     */
    private static function statements(Connection $connection, string $file, array $tables): array
    {
        $name = "$file{$connection->driver()}.sql";
        $sql = file_get_contents(self::DIRECTORY . "/$name");
        if ($sql === false) {
            throw new RuntimeException("The file schema/$name of holdfast/session can't be read.");
        }
        $names = [];
        foreach ($tables as $written => $table) {
            $names[$connection->quote() . $written . $connection->quote()] = $table->quoted();
        }
        return preg_split('/;\s*$\R?/m', strtr($sql, $names), -1, PREG_SPLIT_NO_EMPTY) ?: [];
    }
}
