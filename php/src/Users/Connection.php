<?php

declare(strict_types=1);

namespace Holdfast\Users;

use Closure;
use Holdfast\Exception\InvalidArgument;
use Holdfast\Users\Exception\DatabaseFailed;
use PDO;
use PDOException;

/**
 * The site's connection to a database that can hold users, perhaps one that is made when it is first needed.
 */
final class Connection
{
    private const QUOTES = ['sqlite' => '"', 'mysql' => '`', 'pgsql' => '"'];

    private ?PDO $pdo = null;
    private ?Closure $connect = null;

    /**
     * @param PDO|Closure(): PDO $pdo
     * @throws InvalidArgument when its database is none of the three
     */
    public function __construct(PDO|Closure $pdo)
    {
        if ($pdo instanceof PDO) {
            $this->pdo = self::usable($pdo);
        } else {
            $this->connect = $pdo;
        }
    }

    /**
     * @throws InvalidArgument when the function gives no PDO, or one of another kind of database
     * @throws DatabaseFailed when it can't connect
     */
    public function pdo(): PDO
    {
        if ($this->pdo === null) {
            try {
                $made = ($this->connect)();
            } catch (PDOException $exception) {
                throw DatabaseFailed::atConnecting($exception);
            }
            $this->pdo = self::usable($made);
            $this->connect = null;
        }
        return $this->pdo;
    }

    /** PDO's name of the database: sqlite, mysql or pgsql. */
    public function driver(): string
    {
        return (string) $this->pdo()->getAttribute(PDO::ATTR_DRIVER_NAME);
    }

    /** What stands around a table's name in SQL. */
    public function quote(): string
    {
        return self::QUOTES[$this->driver()];
    }

    /**
     * The place of a value that is UTF-8, in SQL. MariaDB and MySQL take it for what the connection's character set says, which need
     * not be the one of the site's texts, and would store or give something else.
     */
    public function textPlace(): string
    {
        return $this->driver() === 'mysql' ? 'CONVERT(CAST(? AS BINARY) USING utf8mb4)' : '?';
    }

    /** A column of such values, in SQL. */
    public function text(string $column): string
    {
        return $this->driver() === 'mysql' ? "CAST($column AS BINARY)" : $column;
    }

    /**
     * A query that sees what is committed, also within a transaction of the site's: MariaDB and MySQL show it what there was when
     * the transaction first read, unless the rows are locked. MariaDB from 11.6.2 on would take a row that has changed since for a
     * conflict and roll the site's transaction back (innodb_snapshot_isolation, which servers before may not know: the comment is
     * SQL from that version on). PostgreSQL's READ COMMITTED needs nothing.
     */
    public function asCommitted(string $query): string
    {
        return $this->driver() === 'mysql' && $this->pdo()->inTransaction()
            ? "/*M!110602 SET STATEMENT innodb_snapshot_isolation = OFF FOR */ $query LOCK IN SHARE MODE"
            : $query;
    }

    private static function usable(mixed $pdo): PDO
    {
        if (!$pdo instanceof PDO) {
            throw new InvalidArgument('The function that connects to the users\' database must give a PDO.');
        }
        $driver = (string) $pdo->getAttribute(PDO::ATTR_DRIVER_NAME);
        if (!isset(self::QUOTES[$driver])) {
            throw new InvalidArgument("Users can't be kept in a database of PDO's driver $driver: use sqlite, mysql or pgsql.");
        }
        return $pdo;
    }
}
