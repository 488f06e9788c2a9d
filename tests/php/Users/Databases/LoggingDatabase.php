<?php

declare(strict_types=1);

namespace Holdfast\Tests\Users\Databases;

/**
 * A database server that tells what it was asked: by its own log, not by who asks.
 */
interface LoggingDatabase extends Database
{
    /** From now on, of connections that are made from now on. */
    public function logQueries(Connection $connection): void;

    /**
     * What was asked of the database since, in order: the SQL, and 'connection' for each that was made.
     *
     * @return list<string>
     */
    public function queries(Connection $connection): array;
}
