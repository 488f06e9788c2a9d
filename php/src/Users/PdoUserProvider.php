<?php

declare(strict_types=1);

namespace Holdfast\Users;

use Closure;
use DateTimeImmutable;
use Generator;
use Holdfast\Exception\InvalidArgument;
use Holdfast\User;
use Holdfast\UserProvider;
use Holdfast\Users\Exception\DatabaseFailed;
use Holdfast\Users\Exception\InvalidName;
use Holdfast\Users\Exception\InvalidPassword;
use Holdfast\Users\Exception\NameTaken;
use Holdfast\Users\Exception\UnknownUser;
use PDO;

/**
 * Users in a table of their own, in SQLite, MariaDB, MySQL or PostgreSQL. Schema::install() makes the table;
 * docs/users.md describes it.
 */
class PdoUserProvider implements UserProvider
{
    private const COLUMNS = 'id, name, version, created_at, updated_at';

    /** The database gives the ids, from 1. */
    protected const NO_ID = 0;

    private const ROWS_AT_ONCE = 500;

    protected readonly Connection $connection;
    protected readonly Table $table;
    private readonly Passwords $passwords;

    /**
     * Asks nothing of the database yet.
     *
     * @param PDO|Closure(): PDO $pdo a connection with any attributes, which are left as they are; or a function that connects,
     *   called when the database is first needed: a page that asks nothing of it makes no connection
     * @param string $table letters from A to Z, digits and _; a schema may stand before it: app.users
     * @param array<string, int|string> $passwordOptions how new hashes are made; passwords of other hashes are hashed anew when
     *   their owners log in. `algorithm`: PASSWORD_BCRYPT (the default), or PASSWORD_ARGON2ID where this PHP has it.
     *   bcrypt: `cost` (4 to 31, 12; one more takes twice the time). Argon2id: `memory_cost` (KiB), `time_cost` (rounds),
     *   `threads`, by default PHP's.
     * @throws InvalidArgument on a table's name that is none, an unknown option or a bad value, or a database of another kind
     */
    public function __construct(PDO|Closure $pdo, string $table = 'users', array $passwordOptions = [])
    {
        $this->connection = new Connection($pdo);
        $this->table = new Table($this->connection, $table);
        $this->passwords = new Passwords($passwordOptions);
    }

    /**
     * @param string $name in upper or lower case, also with spaces around it
     * @return PdoUser|null null also for what can't be a name
     * @throws DatabaseFailed
     */
    public function findByName(string $name): ?PdoUser
    {
        $name = Name::tryFrom($name);
        return $name === null ? null : $this->find('name_key', $name->key);
    }

    /**
     * @param int|string $id a string of decimal digits is the same as the integer
     * @return PdoUser|null null also for what can't be an id
     * @throws DatabaseFailed
     */
    public function findById(int|string $id): ?PdoUser
    {
        $id = self::idOf($id);
        return $id === self::NO_ID ? null : $this->find('id', $id);
    }

    /**
     * Is this the user's password? The answer no takes the same queries and the same hashing for null as for a user; see
     * docs/users.md for what this holds for when algorithm or costs are changed.
     *
     * When it is the password and its hash was made with another algorithm or other costs, a new one is stored.
     *
     * @param User|null $user null = there is no such user: false
     * @param string $password false when it has more than 4096 bytes
     * @throws DatabaseFailed when the hash can't be read. One that can't be renewed is a warning.
     */
    public function verifyPassword(?User $user, #[\SensitiveParameter] string $password): bool
    {
        $id = $user === null ? self::NO_ID : self::idOf($user->getId());
        $rows = $this->table->rows("SELECT password_hash FROM {$this->table->quoted()} WHERE id = ?", [$id]);
        $hash = isset($rows[0]) ? (string) $rows[0][0] : null;
        if (!$this->passwords->check($password, $hash)) {
            return false;
        }
        if ($this->passwords->isOutdated((string) $hash)) {
            $this->renewHash($id, (string) $hash, $this->passwords->hash($password));
        }
        return true;
    }

    /**
     * Adds a user.
     *
     * @param string $name 1 to 254 ASCII characters: letters, digits, and the others of e-mail addresses, without spaces. No other
     *   user may have it in upper or lower case. Spaces around it are removed.
     * @param string $password at least 8 characters, at most 4096 bytes, any bytes
     * @throws InvalidName
     * @throws InvalidPassword
     * @throws NameTaken
     * @throws DatabaseFailed
     */
    public function create(string $name, #[\SensitiveParameter] string $password): PdoUser
    {
        $name = Name::from($name);
        Passwords::mustBeGood($password);
        $now = time();
        $id = $this->table->insert([
            'name' => $name->text,
            'name_key' => $name->key,
            'password_hash' => $this->passwords->hash($password),
            'version' => 1,
            'created_at' => $now,
            'updated_at' => $now,
        ], $name);
        return self::userOf([$id, $name->text, 1, $now, $now]);
    }

    /**
     * Gives the user another password.
     *
     * @param string $password at least 8 characters, at most 4096 bytes, any bytes
     * @return PdoUser the user as it is now, its version raised
     * @throws InvalidPassword
     * @throws UnknownUser
     * @throws DatabaseFailed
     */
    public function setPassword(User $user, #[\SensitiveParameter] string $password): PdoUser
    {
        Passwords::mustBeGood($password);
        return $this->update($user, ['password_hash' => $this->passwords->hash($password)], null);
    }

    /**
     * Gives the user another name, perhaps only in upper or lower case.
     *
     * @param string $name as for create()
     * @return PdoUser the user as it is now, its version raised
     * @throws InvalidName
     * @throws NameTaken when it is another user's
     * @throws UnknownUser
     * @throws DatabaseFailed
     */
    public function rename(User $user, string $name): PdoUser
    {
        $name = Name::from($name);
        return $this->update($user, ['name' => $name->text, 'name_key' => $name->key], $name);
    }

    /**
     * Removes the user. The id is never given again.
     *
     * @return bool false when there was no such user (any more)
     * @throws DatabaseFailed
     */
    public function delete(User $user): bool
    {
        return $this->table->change("DELETE FROM {$this->table->quoted()} WHERE id = ?", [self::idOf($user->getId())]) > 0;
    }

    /**
     * Every user, by id. The table is read in pieces while the result is gone through; in between it may change.
     *
     * @return Generator<int, PdoUser>
     * @throws DatabaseFailed
     */
    public function all(): Generator
    {
        $sql = 'SELECT ' . self::COLUMNS . " FROM {$this->table->quoted()} WHERE id > ? ORDER BY id LIMIT " . self::ROWS_AT_ONCE;
        $last = self::NO_ID;
        do {
            $rows = $this->table->rows($sql, [$last]);
            foreach ($rows as $row) {
                $user = self::userOf($row);
                $last = $user->id;
                yield $user;
            }
        } while (count($rows) === self::ROWS_AT_ONCE);
    }

    /**
     * The user as they are now.
     *
     * @throws UnknownUser
     */
    protected function known(int $id): PdoUser
    {
        return $this->findById($id) ?? throw $this->unknown($id);
    }

    protected function unknown(int $id): UnknownUser
    {
        return new UnknownUser("There is no user of id $id (any more) in the table {$this->table->name}.");
    }

    private function find(string $column, int|string $value): ?PdoUser
    {
        $sql = 'SELECT ' . self::COLUMNS . " FROM {$this->table->quoted()} WHERE $column = ?";
        $rows = $this->table->rows($sql, [$value]);
        return isset($rows[0]) ? self::userOf($rows[0]) : null;
    }

    /** @param array<string, string> $columns */
    private function update(User $user, #[\SensitiveParameter] array $columns, ?Name $claimed): PdoUser
    {
        $id = self::idOf($user->getId());
        $places = implode(', ', array_map(static fn (string $column): string => "$column = ?", array_keys($columns)));
        $changed = $this->table->change(
            "UPDATE {$this->table->quoted()} SET $places, version = version + 1, updated_at = ? WHERE id = ?",
            [...array_values($columns), time(), $id],
            $claimed
        );
        return $changed > 0 ? $this->known($id) : throw $this->unknown($id);
    }

    /** Only in the place of the hash that was verified: somebody may have set another password since. */
    private function renewHash(int $id, #[\SensitiveParameter] string $old, #[\SensitiveParameter] string $new): void
    {
        try {
            $this->table->change(
                "UPDATE {$this->table->quoted()} SET password_hash = ? WHERE id = ? AND password_hash = ?",
                [$new, $id, $old]
            );
        } catch (DatabaseFailed $failure) {
            // The password is right, also where the database can only be read.
            trigger_error("The hash of a user's password can't be renewed. " . $failure->getMessage(), E_USER_WARNING);
        }
    }

    /** NO_ID for what is no id of this table. */
    protected static function idOf(int|string $id): int
    {
        return preg_match('/^[1-9][0-9]{0,18}$/D', (string) $id) === 1 && (string) (int) $id === (string) $id
            ? (int) $id
            : self::NO_ID;
    }

    /** @param list<mixed> $row COLUMNS */
    private static function userOf(array $row): PdoUser
    {
        [$id, $name, $version, $createdAt, $updatedAt] = $row;
        $time = static fn (mixed $seconds): DateTimeImmutable => new DateTimeImmutable('@' . (int) $seconds);
        return new PdoUser((int) $id, (string) $name, (int) $version, $time($createdAt), $time($updatedAt));
    }
}
