<?php

declare(strict_types=1);

namespace Holdfast\Tests\Redis;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\Crowd;
use Holdfast\Tests\Browser\Request;

/**
 * Over Redis as over any other store: what parallel requests change is kept (R07), and ended sessions stay so (S09).
 */
final class ParallelTest extends RedisTestCase
{
    private const ROUNDS = 20;

    public function testR07EachOfEightParallelRequestsKeepsItsChange(): void
    {
        for ($round = 0; $round < self::ROUNDS; ++$round) {
            $visitor = self::visitor();
            $visitor->get('/count.php');
            $paths = array_map(static fn (int $n): string => "/parallel.php?hold=50&name=n$n", range(1, 8));
            array_map(self::said(...), $visitor->getTogether($paths));
            $kept = array_keys(self::said($visitor->get('/read.php'))['data']);
            sort($kept);
            self::assertSame(['n1', 'n2', 'n3', 'n4', 'n5', 'n6', 'n7', 'n8', 'views'], $kept);
        }
    }

    public function testWorkersShareTheSessions(): void
    {
        $visitor = self::visitor();
        for ($view = 1; $view <= 50; ++$view) {
            self::assertSame($view, self::said($visitor->get('/count.php'))['views']);
        }
    }

    public function testS09ARunningRequestDoesNotBringAnEndedSessionBack(): void
    {
        for ($round = 0; $round < self::ROUNDS; ++$round) {
            $visitor = self::visitor();
            $visitor->get('/count.php');
            $old = $visitor->cookies;
            $slow = new Browser(self::fpm()->url());
            $slow->cookies = $old;
            $running = (static fn (): iterable => yield [$slow, new Request('/parallel.php?hold=60&name=late')])();
            $leaving = (static fn (): iterable => yield [$visitor, new Request('/steps.php?do=start,destroy')])();
            Crowd::run([$running, $leaving]);
            $thief = self::visitor();
            $thief->cookies = $old;
            self::assertSame([], self::said($thief->get('/read.php'))['data'], "round $round");
        }
    }
}
