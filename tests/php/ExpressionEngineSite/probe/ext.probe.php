<?php

/**
 * Says in headers what the constructor of the session took: how many statements, as ExpressionEngine's own log of them counts, and
 * how many microseconds.
 */
class Probe_ext
{
    public $version = '1.0.0';

    private static int $statements = 0;
    private static int $began = 0;

    public function sessions_start($session): void
    {
        self::$statements = ee('Database')->getLog()->getQueryCount();
        self::$began = hrtime(true);
    }

    public function sessions_end($session): void
    {
        $microseconds = intdiv(hrtime(true) - self::$began, 1000);
        header('X-Session-Statements: ' . (ee('Database')->getLog()->getQueryCount() - self::$statements));
        header("X-Session-Microseconds: $microseconds");
        header('X-Session-Member: ' . $session->userdata['member_id']);
    }
}
