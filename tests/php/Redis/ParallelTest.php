<?php

declare(strict_types=1);

namespace Holdfast\Tests\Redis;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\Crowd;
use Holdfast\Tests\Browser\Request;

/**
 * Over every kind of Redis as over any other store: what parallel requests change is kept (R07), and ended sessions stay so
 * (S09, S17).
 */
final class ParallelTest extends KindsTestCase
{
    private const ROUNDS = 10;
    private const DEVICES = 6;

    /** @dataProvider kinds */
    public function testR07EachOfEightParallelRequestsKeepsItsChange(string $kind): void
    {
        for ($round = 0; $round < self::ROUNDS; ++$round) {
            $visitor = self::visitorOf($kind);
            $visitor->get('/count.php');
            $paths = array_map(static fn (int $n): string => "/parallel.php?hold=50&name=n$n", range(1, 8));
            array_map(self::said(...), $visitor->getTogether($paths));
            $kept = array_keys(self::said($visitor->get('/read.php'))['data']);
            sort($kept);
            self::assertSame(['n1', 'n2', 'n3', 'n4', 'n5', 'n6', 'n7', 'n8', 'views'], $kept);
        }
    }

    /** @dataProvider kinds */
    public function testWorkersShareTheSessions(string $kind): void
    {
        $visitor = self::visitorOf($kind);
        for ($view = 1; $view <= 50; ++$view) {
            self::assertSame($view, self::said($visitor->get('/count.php'))['views']);
        }
    }

    /** @dataProvider kinds */
    public function testS09ARunningRequestDoesNotBringAnEndedSessionBack(string $kind): void
    {
        for ($round = 0; $round < self::ROUNDS; ++$round) {
            $visitor = self::visitorOf($kind);
            $visitor->get('/count.php');
            $old = $visitor->cookies;
            $slow = self::browserWith($kind, $old);
            $running = (static fn (): iterable => yield [$slow, new Request('/parallel.php?hold=60&name=late')])();
            $leaving = (static fn (): iterable => yield [$visitor, new Request('/steps.php?do=start,destroy')])();
            Crowd::run([$running, $leaving]);
            self::assertSame([], self::said(self::browserWith($kind, $old)->get('/read.php'))['data'], "round $round");
        }
    }

    /** @dataProvider kinds */
    public function testS09ARunningRequestDoesNotBringALoginBack(string $kind): void
    {
        for ($round = 0; $round < self::ROUNDS; ++$round) {
            $member = self::memberOf($kind);
            $old = $member->cookies;
            $slow = self::browserWith($kind, $old);
            // By turns it is saved before, about when, and after the logout is.
            $hold = 10 * ($round % 4);
            $running = (static fn (): iterable => yield [$slow, new Request("/parallel.php?hold=$hold&name=late")])();
            $leaving = (static fn (): iterable => yield [$member, self::request([['logout']])])();
            Crowd::run([$running, $leaving]);
            foreach ([$old, $slow->cookies] as $cookies) {
                self::assertFalse(self::isLoggedIn(self::browserWith($kind, $cookies)), "round $round");
            }
        }
    }

    /** @dataProvider kinds */
    public function testS17NoRunningRequestOfAnyDeviceSurvivesTheEndOfAllSessions(string $kind): void
    {
        for ($round = 0; $round < self::ROUNDS / 2; ++$round) {
            $devices = array_map(static fn (): Browser => self::memberOf($kind, 'bob'), range(1, self::DEVICES));
            $old = array_map(static fn (Browser $device): array => $device->cookies, $devices);
            $ended = null;
            $visitors = array_map(
                static fn (Browser $device, int $n): iterable => (static function () use ($device, $n): iterable {
                    yield [$device, new Request('/parallel.php?hold=' . 10 * $n . '&name=late')];
                    yield [$device, new Request('/count.php')];
                })(),
                $devices,
                array_keys($devices)
            );
            $visitors[] = (static function () use ($kind, &$ended): iterable {
                $ended = self::said(yield [self::visitorOf($kind), self::request([['endSessions', 2]])])['results'][0];
            })();
            Crowd::run($visitors);
            self::assertSame(self::DEVICES, $ended, "round $round");
            foreach ([...$old, ...array_map(static fn (Browser $device): array => $device->cookies, $devices)] as $cookies) {
                self::assertFalse(self::isLoggedIn(self::browserWith($kind, $cookies)), "round $round");
            }
        }
    }

    /**
     * What a request stores that was stopped for long is of an older generation, and dead: whether that comes with the session
     * or has to be looked up on another server.
     *
     * @dataProvider kinds
     */
    public function testS17ASessionThatIsStoredAfterTheEndOfAllIsDead(string $kind): void
    {
        $member = self::memberOf($kind, 'carol');
        $copies = $this->copySessions($kind, '', ':kept');
        self::assertGreaterThan(0, $copies);
        self::assertSame($copies, $this->copySessions($kind, ':kept', ''));
        self::assertTrue(self::isLoggedIn(self::browserWith($kind, $member->cookies)));
        self::call(self::visitorOf($kind), ['endSessions', 'c-3']);
        self::assertSame($copies, $this->copySessions($kind, ':kept', ''));
        self::assertFalse(self::isLoggedIn(self::browserWith($kind, $member->cookies)));
        self::assertTrue(self::isLoggedIn(self::memberOf($kind, 'carol')), 'who logs in later is in');
    }

    /** Copies every session from a name that ends with $from to one that ends with $to; returns how many. */
    private function copySessions(string $kind, string $from, string $to): int
    {
        $copied = 0;
        foreach (self::redisOf($kind)->masters() as $master) {
            preg_match_all('/(holdfast:\{[^}]+\})' . $from . '(?=\r)/', $master->command('KEYS', "holdfast:{*}$from"), $found);
            foreach ($found[1] as $name) {
                $copied += (int) str_contains($master->command('COPY', "$name$from", "$name$to", 'REPLACE'), ':1');
            }
        }
        return $copied;
    }

    /** @param array<string, string> $cookies */
    private static function browserWith(string $kind, array $cookies): Browser
    {
        $browser = self::visitorOf($kind);
        $browser->cookies = $cookies;
        return $browser;
    }
}
