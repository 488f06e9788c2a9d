<?php

declare(strict_types=1);

namespace Holdfast\Users\Exception;

use PDOException;
use RuntimeException;

/**
 * The database could not be asked. The message is for the site's log, not for visitors.
 */
final class DatabaseFailed extends RuntimeException implements UserException
{
    /** SQLSTATE of a table that is not there; SQLite has none and says it in words. */
    private const NO_TABLE = ['42S02', '42P01'];

    /**
     * PDO's exception is not kept as the previous one: its message and its trace may hold the values of the query, and
     * one of them is the hash of a password. For the same reason it is no argument in this one's trace.
     *
     * @param string $table as the site writes it
     */
    public static function atTable(string $table, #[\SensitiveParameter] PDOException $exception): self
    {
        $state = (string) $exception->getCode();
        $reason = self::withoutValues((string) ($exception->errorInfo[2] ?? $exception->getMessage()));
        $noTable = in_array($state, self::NO_TABLE, true) || str_starts_with($reason, 'no such table');
        $advice = $noTable ? ' Make the table with Holdfast\Users\Schema::install() or the command holdfast-user install'
            . ' (for members and roles: installMembers(), install-members).' : '';
        return new self("The users' table $table can't be used: $reason (SQLSTATE $state).$advice");
    }

    /** Of PDO's exception, the reason alone: its trace may hold the database's password. */
    public static function atConnecting(#[\SensitiveParameter] PDOException $exception): self
    {
        return new self("The users' database can't be reached: " . self::withoutValues($exception->getMessage()));
    }

    /** @param string $whose such as: the data of member 41 */
    public static function atText(string $table, string $whose): self
    {
        return new self("In the users' table $table, $whose can't be read: what stands there is no JSON of the kind it must be.");
    }

    /** PostgreSQL shows the row or the query from the second line on; MySQL may quote a piece of the query. */
    private static function withoutValues(string $message): string
    {
        $firstLine = preg_split('/\R/', $message, 2)[0] ?? '';
        return (string) preg_replace('/\$[0-9a-z]{1,10}\$\S*/i', '(hash)', $firstLine);
    }
}
