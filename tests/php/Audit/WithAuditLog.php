<?php

declare(strict_types=1);

namespace Holdfast\Tests\Audit;

use Holdfast\Tests\TemporaryDirectory;

/**
 * An audit log of the tests of one class, which the setting `holdfast.audit` of its site names by `self::log()->path`.
 */
trait WithAuditLog
{
    private static ?TemporaryDirectory $logs = null;
    private static ?AuditLog $log = null;

    public static function tearDownAfterClass(): void
    {
        parent::tearDownAfterClass();
        self::$logs?->remove();
        self::$logs = self::$log = null;
    }

    protected static function log(): AuditLog
    {
        self::$logs ??= new TemporaryDirectory();
        return self::$log ??= new AuditLog(self::$logs->path . '/audit.log');
    }
}
