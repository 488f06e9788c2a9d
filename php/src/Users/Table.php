<?php

declare(strict_types=1);

namespace Holdfast\Users;

use Holdfast\Exception\InvalidArgument;
use Holdfast\Users\Exception\DatabaseFailed;
use Holdfast\Users\Exception\NameTaken;
use PDO;
use PDOException;
use PDOStatement;

/**
 * The table of the users in one of the databases that can hold it.
 *
 * The connection belongs to the site, with its attributes: whatever they are, errors are exceptions here, rows are read
 * by position, and all of a result is fetched before the next query.
 */
final class Table
{
    private const QUOTES = ['sqlite' => '"', 'mysql' => '`', 'pgsql' => '"'];

    /** A table, or a schema and a table. PostgreSQL has no longer names than 63 bytes. */
    private const IDENTIFIER = '/^[A-Za-z_][A-Za-z0-9_]{0,62}(\.[A-Za-z_][A-Za-z0-9_]{0,62})?$/D';

    /** PDO's name of the database: sqlite, mysql or pgsql. */
    public readonly string $driver;

    /** The table's name for use in SQL. */
    public readonly string $quoted;

    /**
     * @param string $name as the site writes it
     * @throws InvalidArgument when it is no identifier, or the database none of the three
     */
    public function __construct(private readonly PDO $pdo, public readonly string $name)
    {
        $this->driver = (string) $pdo->getAttribute(PDO::ATTR_DRIVER_NAME);
        $quote = self::QUOTES[$this->driver] ?? throw new InvalidArgument(
            "Users can't be kept in a database of PDO's driver {$this->driver}: use sqlite, mysql or pgsql."
        );
        if (preg_match(self::IDENTIFIER, $name) !== 1) {
            throw new InvalidArgument(
                'The name of the users\' table must be 1 to 63 letters from A to Z, digits and _, and begin with no digit;'
                . ' a schema may stand before it, as in app.users.'
            );
        }
        $this->quoted = $quote . str_replace('.', "$quote.$quote", $name) . $quote;
    }

    /**
     * @param string $sql with a ? for each value
     * @param list<int|string> $values
     * @return list<list<mixed>> every row, its columns by position
     * @throws DatabaseFailed
     */
    public function rows(string $sql, #[\SensitiveParameter] array $values = []): array
    {
        return $this->execute($sql, $values, null, static fn (PDOStatement $done): array => $done->fetchAll(PDO::FETCH_NUM));
    }

    /**
     * @param list<int|string> $values
     * @param Name|null $claimed the name that the change gives to a user
     * @return int how many rows it changed
     * @throws NameTaken when another user has the claimed name
     * @throws DatabaseFailed
     */
    public function change(string $sql, #[\SensitiveParameter] array $values = [], ?Name $claimed = null): int
    {
        return $this->execute($sql, $values, $claimed, static fn (PDOStatement $done): int => $done->rowCount());
    }

    /**
     * @param array<string, int|string> $row values by column
     * @return int the id of the inserted row
     * @throws NameTaken when another user has the claimed name
     * @throws DatabaseFailed
     */
    public function insert(#[\SensitiveParameter] array $row, Name $claimed): int
    {
        $columns = implode(', ', array_keys($row));
        $places = implode(', ', array_fill(0, count($row), '?'));
        $sql = "INSERT INTO {$this->quoted} ($columns) VALUES ($places)";
        if ($this->driver === 'pgsql') {
            // lastInsertId() would ask for the last sequence that was used, which may be that of a trigger.
            return $this->execute(
                "$sql RETURNING id",
                array_values($row),
                $claimed,
                static fn (PDOStatement $done): int => (int) $done->fetchAll(PDO::FETCH_NUM)[0][0]
            );
        }
        return $this->execute($sql, array_values($row), $claimed, fn (): int => (int) $this->pdo->lastInsertId());
    }

    /**
     * @template T
     * @param list<int|string> $values
     * @param callable(PDOStatement): T $result
     * @return T
     */
    private function execute(string $sql, #[\SensitiveParameter] array $values, ?Name $claimed, callable $result): mixed
    {
        $errorMode = $this->pdo->getAttribute(PDO::ATTR_ERRMODE);
        $this->pdo->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION);
        try {
            $statement = $this->pdo->prepare($sql);
            $statement->execute($values);
            return $result($statement);
        } catch (PDOException $exception) {
            throw $claimed !== null && self::isTaken($exception)
                ? NameTaken::by($claimed)
                : DatabaseFailed::atTable($this->name, $exception);
        } finally {
            $this->pdo->setAttribute(PDO::ATTR_ERRMODE, $errorMode);
        }
    }

    /** Class 23 of SQLSTATE is a violated constraint; each of the databases names the constraint, or its column. */
    private static function isTaken(PDOException $exception): bool
    {
        return str_starts_with((string) $exception->getCode(), '23') && str_contains($exception->getMessage(), 'name_key');
    }
}
