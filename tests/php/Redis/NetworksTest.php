<?php

declare(strict_types=1);

namespace Holdfast\Tests\Redis;

use Holdfast\Tests\Authentication\MembersTestCase;
use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\Request;
use Holdfast\Tests\Server\FpmBehindNginx;

/**
 * Many machines, one site: two pools of php-fpm, each in a network of its own, that have nothing in common but a cluster
 * which both reach over the wire. A visitor is sent now to the one, now to the other.
 */
final class NetworksTest extends MembersTestCase
{
    private static ?Networks $networks = null;
    private static ?RedisCluster $cluster = null;

    /** @var list<FpmBehindNginx> */
    private static array $pools = [];

    protected function setUp(): void
    {
        $lack = self::$networks === null ? Networks::lack() : null;
        if ($lack !== null) {
            self::markTestSkipped("$lack: nobody shares sessions between machines");
        }
        self::$networks ??= new Networks(2);
        self::$cluster ??= new RedisCluster(host: self::$networks->host, password: 'hunter2');
        foreach (self::$pools === [] ? [1, 2] : [] as $nth) {
            $settings = ['holdfast.store' => self::$cluster->store(), 'holdfast.throttle' => 0];
            self::$pools[] = new FpmBehindNginx($settings, within: self::$networks->within($nth));
        }
    }

    public static function tearDownAfterClass(): void
    {
        foreach (self::$pools as $pool) {
            $pool->stop();
        }
        self::$cluster?->remove();
        self::$networks?->remove();
        self::$pools = [];
        self::$cluster = self::$networks = null;
        parent::tearDownAfterClass();
    }

    public function testThePoolsAreInNetworksOfTheirOwn(): void
    {
        $networks = array_map(
            static fn (FpmBehindNginx $pool): string => (string) readlink('/proc/' . $pool->workers()[0] . '/ns/net'),
            self::$pools
        );
        self::assertCount(3, array_unique([...$networks, readlink('/proc/self/ns/net')]));
    }

    public function testALoginInOneIsOneInTheOtherAndALogoutTheSame(): void
    {
        for ($round = 0; $round < 10; ++$round) {
            [$here, $there] = $round % 2 === 0 ? [0, 1] : [1, 0];
            $visitor = self::visitorAt($here);
            self::logIn($visitor, 'alice');
            self::call($visitor, ['set', 'cart', $round]);
            $moved = self::visitorAt($there, $visitor);
            self::assertSame([true, $round, 'the session'], self::call($moved, ['isLoggedin'], ['get', 'cart'], ['set', 'cart', 'more']));
            $old = $moved->cookies;
            self::assertSame(['more'], self::call(self::visitorAt($here, $moved), ['get', 'cart']));
            self::call($moved, ['logout']);
            foreach ([$here, $there] as $pool) {
                $late = self::visitorAt($pool);
                $late->cookies = $old;
                self::assertSame([false, null], self::call($late, ['isLoggedin'], ['get', 'cart']), "round $round, pool $pool");
            }
        }
    }

    public function testR07WhatRequestsToBothDoAtOnceIsKept(): void
    {
        $first = self::visitorAt(0);
        self::said($first->get('/count.php'));
        $browsers = array_map(static fn (int $n): Browser => self::visitorAt($n % 2, $first), range(1, 16));
        $pages = static fn (int $n): Request => new Request("/parallel.php?hold=50&name=n$n");
        array_map(self::said(...), self::together($browsers, $pages));
        self::assertCount(17, self::said(self::visitorAt(1, $first)->get('/read.php'))['data']);
    }

    /** At one of the pools; with the cookies of another browser. */
    private static function visitorAt(int $pool, ?Browser $other = null): Browser
    {
        $browser = new Browser(self::$pools[$pool]->url());
        $browser->cookies = $other->cookies ?? [];
        return $browser;
    }
}
