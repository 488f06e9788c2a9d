<?php

declare(strict_types=1);

namespace Holdfast\Users;

use Holdfast\Exception\InvalidArgument;
use Holdfast\Exception\InvalidState;
use Holdfast\Users\Exception\DatabaseFailed;
use Holdfast\Users\Exception\NameTaken;
use PDO;
use PDOException;
use PDOStatement;
use Throwable;

/**
 * A table of the users, or of what belongs to them, in one of the databases that can hold it.
 *
 * The connection belongs to the site, with its attributes: whatever they are, errors are exceptions here, rows are read
 * by position, and all of a result is fetched before the next query.
 */
final class Table
{
    /** A table, or a schema and a table. PostgreSQL has no longer names than 63 bytes. */
    private const IDENTIFIER = '/^[A-Za-z_][A-Za-z0-9_]{0,62}(\.[A-Za-z_][A-Za-z0-9_]{0,62})?$/D';

    /**
     * @param string $name as the site writes it
     * @param string $whose what the table is, for the message
     * @param list<string> $texts the columns whose values may be any UTF-8
     * @throws InvalidArgument when the name is no identifier
     */
    public function __construct(
        private readonly Connection $connection,
        public readonly string $name,
        string $whose = "the users' table",
        private readonly array $texts = [],
    ) {
        if (preg_match(self::IDENTIFIER, $name) !== 1) {
            throw new InvalidArgument(
                "The name of $whose must be 1 to 63 letters from A to Z, digits and _, and begin with no digit;"
                . ' a schema may stand before it, as in app.users.'
            );
        }
    }

    /** The table's name for use in SQL. */
    public function quoted(): string
    {
        $quote = $this->connection->quote();
        return $quote . str_replace('.', "$quote.$quote", $this->name) . $quote;
    }

    /**
     * The places of values for these columns, in SQL.
     *
     * @param list<string> $columns
     * @return list<string>
     */
    public function places(array $columns): array
    {
        return array_map(
            fn (string $column): string => in_array($column, $this->texts, true) ? $this->connection->textPlace() : '?',
            $columns
        );
    }

    /** A column of this table, in a query. */
    public function column(string $column, string $alias): string
    {
        return in_array($column, $this->texts, true) ? $this->connection->text("$alias.$column") : "$alias.$column";
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
     * @param Name|null $claimed the name that the row gives to a user
     * @return int the id of the inserted row
     * @throws NameTaken when another user has the claimed name
     * @throws DatabaseFailed
     */
    public function insert(#[\SensitiveParameter] array $row, ?Name $claimed = null): int
    {
        $columns = implode(', ', array_keys($row));
        $places = implode(', ', $this->places(array_keys($row)));
        $sql = "INSERT INTO {$this->quoted()} ($columns) VALUES ($places)";
        if ($this->connection->driver() === 'pgsql') {
            // lastInsertId() would ask for the last sequence that was used, which may be that of a trigger.
            return $this->execute(
                "$sql RETURNING id",
                array_values($row),
                $claimed,
                static fn (PDOStatement $done): int => (int) $done->fetchAll(PDO::FETCH_NUM)[0][0]
            );
        }
        return $this->execute($sql, array_values($row), $claimed, fn (): int => (int) $this->connection->pdo()->lastInsertId());
    }

    /**
     * Makes all changes or none. Within a transaction of the site's, they become a part of that.
     *
     * @template T
     * @param callable(): T $changes the first of them writes: SQLite lets two that have only read so far block each other
     * @return T
     * @throws DatabaseFailed
     */
    public function transaction(#[\SensitiveParameter] callable $changes): mixed
    {
        $pdo = $this->connection->pdo();
        if ($pdo->inTransaction()) {
            return $changes();
        }
        $this->guarded(static fn (): bool => $pdo->beginTransaction());
        try {
            $result = $changes();
            $this->guarded(static fn (): bool => $pdo->commit());
            return $result;
        } catch (Throwable $failure) {
            try {
                $this->guarded(static fn (): bool => !$pdo->inTransaction() || $pdo->rollBack());
            } catch (DatabaseFailed) {
                // The first failure says more; the database drops what was not committed.
            }
            throw $failure;
        }
    }

    /**
     * For changes that sessions are told of: each asks for them at once.
     *
     * @throws InvalidState when they would not be committed by then
     */
    public function refuseTransaction(): void
    {
        if ($this->connection->pdo()->inTransaction()) {
            throw new InvalidState(
                'The connection is in a transaction: sessions would ask for what is not committed. Commit it before the call.'
            );
        }
    }

    /**
     * @template T
     * @param list<int|string> $values
     * @param callable(PDOStatement): T $result
     * @return T
     */
    private function execute(string $sql, #[\SensitiveParameter] array $values, ?Name $claimed, callable $result): mixed
    {
        return $this->guarded(function () use ($sql, $values, $result): mixed {
            $statement = $this->connection->pdo()->prepare($sql);
            $statement->execute($values);
            return $result($statement);
        }, $claimed);
    }

    /**
     * @template T
     * @param callable(): T $asking
     * @return T
     * @throws NameTaken|DatabaseFailed
     */
    private function guarded(#[\SensitiveParameter] callable $asking, ?Name $claimed = null): mixed
    {
        $pdo = $this->connection->pdo();
        $errorMode = $pdo->getAttribute(PDO::ATTR_ERRMODE);
        $pdo->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION);
        try {
            return $asking();
        } catch (PDOException $exception) {
            throw $claimed !== null && self::isTaken($exception)
                ? NameTaken::by($claimed)
                : DatabaseFailed::atTable($this->name, $exception);
        } finally {
            $pdo->setAttribute(PDO::ATTR_ERRMODE, $errorMode);
        }
    }

    /** Class 23 of SQLSTATE is a violated constraint; each of the databases names the constraint, or its column. */
    private static function isTaken(PDOException $exception): bool
    {
        return str_starts_with((string) $exception->getCode(), '23') && str_contains($exception->getMessage(), 'name_key');
    }
}
