<?php

declare(strict_types=1);

namespace Holdfast\Tests\Redis;

use Holdfast\Tests\Authentication\MembersTestCase;
use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Server\FpmBehindNginx;
use Throwable;

/**
 * Tests over sites whose sessions are in each kind of Redis: php-fpm over a single server, over the master that sentinels
 * name, and over a cluster of three masters.
 */
abstract class KindsTestCase extends MembersTestCase
{
    /** @var array<string, RedisServers> */
    private static array $servers = [];

    /** @var array<string, FpmBehindNginx> */
    private static array $sites = [];

    public static function tearDownAfterClass(): void
    {
        foreach (self::$sites as $site) {
            $site->stop();
        }
        foreach (self::$servers as $servers) {
            $servers->remove();
        }
        self::$sites = self::$servers = [];
        parent::tearDownAfterClass();
    }

    /** @return array<string, array{string}> */
    public static function kinds(): array
    {
        return ['a single server' => ['single'], 'sentinels' => ['sentinels'], 'a cluster' => ['cluster']];
    }

    protected function onNotSuccessfulTest(Throwable $failure): void
    {
        foreach (self::$sites as $kind => $site) {
            fwrite(STDERR, "\n=== log of the site over $kind, for " . $this->getName() . "\n" . $site->log() . "\n");
        }
        parent::onNotSuccessfulTest($failure);
    }

    protected static function redisOf(string $kind): RedisServers
    {
        return self::$servers[$kind] ??= match ($kind) {
            'single' => new RedisServer('hunter2', more: ['--appendonly', 'no']),
            'sentinels' => new RedisSentinels(),
            'cluster' => new RedisCluster(),
        };
    }

    protected static function siteOver(string $kind): FpmBehindNginx
    {
        $settings = ['holdfast.store' => self::redisOf($kind)->store(), 'holdfast.throttle' => 0];
        return self::$sites[$kind] ??= new FpmBehindNginx($settings);
    }

    /** A visitor who has never been at the site over that kind. */
    protected static function visitorOf(string $kind): Browser
    {
        return new Browser(self::siteOver($kind)->url());
    }

    /** One who is logged in there. */
    protected static function memberOf(string $kind, string $name = 'alice'): Browser
    {
        $visitor = self::visitorOf($kind);
        self::logIn($visitor, $name);
        return $visitor;
    }
}
