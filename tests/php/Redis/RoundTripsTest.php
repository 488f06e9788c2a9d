<?php

declare(strict_types=1);

namespace Holdfast\Tests\Redis;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Server\FpmBehindNginx;
use Holdfast\Tests\Wait;

/**
 * At most one round trip to open a session and one to save it, and none for what did not change, also for a member and in a
 * cluster. Each round trip ends with one PING, its mark, so the servers' own count of them is the count of round trips.
 */
final class RoundTripsTest extends KindsTestCase
{
    private const WORKERS = 8;

    /** @var array<string, Browser> */
    private static array $visitors = [];

    private ?FpmBehindNginx $cached = null;

    protected function tearDown(): void
    {
        $this->cached?->stop();
        parent::tearDown();
    }

    public static function tearDownAfterClass(): void
    {
        self::$visitors = [];
        parent::tearDownAfterClass();
    }

    /** @return iterable<string, array{string, string, string, int, int}> where, who, a page, how often it loads and saves */
    public static function pages(): iterable
    {
        foreach (['single', 'cluster'] as $kind) {
            foreach (['guest', 'member'] as $who) {
                yield "$kind, $who: nothing of a session" => [$kind, $who, '/nothing.php', 0, 0];
                yield "$kind, $who: a session that is read" => [$kind, $who, '/read.php', 1, 0];
                yield "$kind, $who: one that is changed and changed back" => [$kind, $who, '/steps.php?do=set,unset', 1, 0];
                yield "$kind, $who: one that is changed" => [$kind, $who, '/count.php', 1, 1];
            }
        }
    }

    /** @dataProvider pages */
    public function testAPageCostsItsRoundTripsAndNoMore(string $kind, string $who, string $page, int $loads, int $saves): void
    {
        $visitor = self::$visitors["$kind $who"] ??= $this->warmedUp($kind, $who);
        for ($round = 0; $round < 10; ++$round) {
            $this->resetCalls($kind);
            $response = $visitor->get($page);
            self::assertTrue($response->isAcknowledged(), (string) $response);
            $calls = $this->calls($kind);
            $said = json_encode($calls);
            self::assertSame($saves, $calls['set'], $said);
            // A touch may be due, once a second, of what was loaded and is not saved.
            self::assertLessThanOrEqual($loads === 0 || $saves > 0 ? 0 : 1, $calls['setrange'], $said);
            self::assertSame($loads + $saves + $calls['setrange'], $calls['ping'], $said);
            self::assertSame(0, $calls['eval'], $said);
        }
    }

    /** PHP asks at the end of each page that a session that did not change lives on: once a second is enough. */
    public function testSuperglobalsThatDoNotChangeAreNotSaved(): void
    {
        $redis = self::redisOf('single');
        \assert($redis instanceof RedisServer);
        $this->cached = new FpmBehindNginx([
            'holdfast.store' => $redis->store(),
            'session.save_handler' => 'holdfast',
            'session.serialize_handler' => 'holdfast',
            // Its garbage collection asks the server how much there is.
            'session.gc_probability' => 0,
        ]);
        $visitor = new Browser($this->cached->url());
        self::assertSame(1, self::said($visitor->get('/superglobal-count.php'))['views']);
        $workers = [];
        while (count($workers) < self::WORKERS) {
            foreach ($visitor->getTogether(array_fill(0, self::WORKERS, '/superglobal-read.php?hold=20')) as $response) {
                $workers[self::said($response)['worker']] = true;
            }
        }
        $pages = $touches = 0;
        $begun = microtime(true);
        while ($pages < 50) {
            $redis->resetCalls();
            $visitor->get('/superglobal-read.php');
            $calls = $redis->calls();
            $touched = $calls['setrange'] ?? 0;
            self::assertSame(1 + $touched, $calls['ping'] ?? 0, json_encode($calls));
            $touches += $touched;
            ++$pages;
        }
        self::assertLessThanOrEqual(2 + microtime(true) - $begun, $touches, 'at most one a second');
    }

    /** What a worker knows already is not sent again: of a session of 200 kB come the few bytes that tell that it is the same. */
    public function testWhatAWorkerKnowsIsNotSentAgain(): void
    {
        $redis = self::redisOf('single');
        \assert($redis instanceof RedisServer);
        $this->cached = new FpmBehindNginx(['holdfast.store' => $redis->store(), 'holdfast.worker_cache' => '8M']);
        $visitor = new Browser($this->cached->url());
        $size = 200_000;
        self::said($visitor->get("/large.php?bytes=$size"));
        $seen = [];
        $pages = $whole = 0;
        $end = microtime(true) + 30;
        while ($pages < 20) {
            self::assertLessThan($end, microtime(true), 'one of the workers comes again');
            $before = (int) $redis->info('stats', 'total_net_output_bytes');
            $between = (int) $redis->info('stats', 'total_net_output_bytes') - $before;
            $said = self::said($visitor->get('/large.php'));
            self::assertSame($size, $said['bytes']);
            $sent = (int) $redis->info('stats', 'total_net_output_bytes') - $before - 2 * $between;
            $seen[$said['worker']] = ($seen[$said['worker']] ?? 0) + 1;
            if ($seen[$said['worker']] === 1) {
                $whole += (int) ($sent > $size);
            } elseif ($seen[$said['worker']] > 2) {
                // It keeps what it sees for the second time.
                self::assertLessThan(2000, $sent);
                ++$pages;
            }
        }
        self::assertGreaterThan(0, $whole, 'a worker that does not know it is sent it');
    }

    public function testASessionThatIsOnlyReadLivesOn(): void
    {
        $redis = self::redisOf('single');
        \assert($redis instanceof RedisServer);
        $visitor = self::visitorOf('single');
        $earlier = $this->sessions($redis);
        $visitor->get('/count.php');
        [$key] = array_values(array_diff($this->sessions($redis), $earlier));
        $before = $this->end($redis, $key);
        Wait::until(function () use ($visitor, $redis, $key, $before): bool {
            $visitor->get('/read.php');
            return $this->end($redis, $key) > $before;
        }, 'the end of the session moves on', static fn (): string => $key);
        self::assertSame(['views' => 1], self::said($visitor->get('/read.php'))['data']);
    }

    private function resetCalls(string $kind): void
    {
        foreach (self::redisOf($kind)->masters() as $master) {
            $master->resetCalls();
        }
    }

    /** @return array{ping: int, set: int, setrange: int, eval: int} how often all of the servers were told so */
    private function calls(string $kind): array
    {
        $sums = ['ping' => 0, 'set' => 0, 'setrange' => 0, 'eval' => 0];
        foreach (self::redisOf($kind)->masters() as $master) {
            $calls = $master->calls();
            foreach ($sums as $command => $sum) {
                $sums[$command] += $calls[$command] ?? 0;
            }
        }
        return $sums;
    }

    /** @return list<string> their keys */
    private function sessions(RedisServer $redis): array
    {
        preg_match_all('/holdfast:\{[^}]+\}(?=\r)/', $redis->command('KEYS', 'holdfast:{*}'), $found);
        return $found[0];
    }

    /** @return int in milliseconds since 1970 */
    private function end(RedisServer $redis, string $key): int
    {
        preg_match('/:(\d+)/', $redis->command('PEXPIRETIME', $key), $found);
        return (int) ($found[1] ?? 0);
    }

    /** Every worker has opened the store and is connected, and the servers know the scripts. */
    private function warmedUp(string $kind, string $who): Browser
    {
        $visitor = $who === 'member' ? self::memberOf($kind) : self::visitorOf($kind);
        $visitor->get('/count.php');
        Wait::until(function () use ($visitor, $kind): bool {
            $visitor->get('/read.php');
            return $this->calls($kind)['setrange'] > 0;
        }, 'a touch is due', static fn (): string => $kind);
        $workers = [];
        while (count($workers) < self::WORKERS) {
            foreach ($visitor->getTogether(array_fill(0, self::WORKERS, '/parallel.php?hold=20')) as $response) {
                $workers[self::said($response)['worker']] = true;
            }
        }
        return $visitor;
    }
}
