<?php

declare(strict_types=1);

namespace Holdfast\Tests\Redis;

use Holdfast\Tests\Server\SiteTestCase;

/**
 * Tests over a site whose sessions are in a Redis of the class's own.
 */
abstract class RedisTestCase extends SiteTestCase
{
    private static ?RedisServer $redis = null;

    public static function tearDownAfterClass(): void
    {
        parent::tearDownAfterClass();
        self::$redis?->remove();
        self::$redis = null;
    }

    protected static function redis(): RedisServer
    {
        return self::$redis ??= new RedisServer('hunter2');
    }

    protected static function settings(): array
    {
        return ['holdfast.store' => self::redis()->store()];
    }
}
