<?php

use ExpressionEngine\Service\Database\Log;

/**
 * The log of the database, which hears of every statement after it was executed. What it is asked goes to ExpressionEngine's own.
 *
 * Its name begins as those of the database's classes do, because the log takes the first class of another name for whoever wrote
 * the statement.
 */
final class CI_DB_holdfast_watch extends Log
{
    /** @param Closure(string): void $see */
    public function __construct(private readonly Log $log, private readonly Closure $see)
    {
    }

    public function addQuery($sql, $time, $memory)
    {
        $this->log->addQuery($sql, $time, $memory);
        ($this->see)((string) $sql);
    }

    public function saveQueries($save = true)
    {
        $this->log->saveQueries($save);
    }

    public function getQueries()
    {
        return $this->log->getQueries();
    }

    public function getQueryCount()
    {
        return $this->log->getQueryCount();
    }

    public function getQueryMetrics()
    {
        return $this->log->getQueryMetrics();
    }
}
