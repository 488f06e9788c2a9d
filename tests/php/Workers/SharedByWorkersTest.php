<?php

declare(strict_types=1);

namespace Holdfast\Tests\Workers;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\Crowd;
use Holdfast\Tests\Browser\Request;
use Holdfast\Tests\Browser\Response;
use Holdfast\Tests\Server\SiteTestCase;

/**
 * Issue 2: a session written by one worker is read by all.
 * S01: no two workers issue the same id (no generator whose state survives a fork).
 */
final class SharedByWorkersTest extends SiteTestCase
{
    private const WORKERS = 8;

    /** How many rounds of parallel requests may pass until the last worker was given one. */
    private const ROUNDS = 50;

    /** @dataProvider servers */
    public function testWhatOneWorkerWritesAllRead(string $server): void
    {
        $visitor = new Browser(self::site($server)->url());
        $written = self::said($visitor->get('/count.php'));
        $readers = [];
        for ($round = 0; count($readers) < self::WORKERS && $round < self::ROUNDS; ++$round) {
            // Each is held for a moment, so that the others go to other workers.
            foreach ($visitor->getTogether(array_fill(0, self::WORKERS, '/read.php?hold=20')) as $response) {
                $said = self::said($response);
                self::assertSame(['views' => 1], $said['data']);
                self::assertSame($written['id'], $said['id']);
                $readers[$said['worker']] = true;
            }
        }
        self::assertGreaterThanOrEqual(self::WORKERS, count($readers), 'workers that read it');
    }

    /** @dataProvider servers */
    public function testAVisitorIsServedByWhateverWorkerIsFree(string $server): void
    {
        $visitor = new Browser(self::site($server)->url());
        for ($view = 1; $view <= 100; ++$view) {
            self::assertSame($view, self::said($visitor->get('/count.php'))['views']);
        }
    }

    /** @dataProvider servers */
    public function testVisitorsDoNotMeet(string $server): void
    {
        $url = self::site($server)->url();
        $ids = [];
        $workers = [];
        $view = static function () use ($url, &$ids, &$workers): iterable {
            $browser = new Browser($url);
            for ($number = 1; $number <= 5; ++$number) {
                /** @var Response $response */
                $response = yield [$browser, new Request('/count.php')];
                $said = self::said($response);
                self::assertSame($number, $said['views']);
                $workers[$said['worker']] = true;
            }
            $ids[] = $browser->cookies['holdfast'];
        };
        $visitors = 200;
        Crowd::run(array_map(static fn () => $view(), range(1, $visitors)));
        self::assertCount($visitors, array_unique($ids));
        self::assertGreaterThan(1, count($workers));
    }

    public function testTwoServersShareOneStore(): void
    {
        $visitor = new Browser(self::site('php-fpm')->url());
        $visitor->get('/count.php');
        $elsewhere = new Browser(self::site('built-in')->url());
        $elsewhere->cookies = $visitor->cookies;
        self::assertSame(2, self::said($elsewhere->get('/count.php'))['views']);
        self::assertSame(['views' => 2], self::said($visitor->get('/read.php'))['data']);
    }

    /** No lock is held for the length of a request, and no request loses what another one set. */
    public function testParallelRequestsOfOneVisitorKeepEachOthersVariables(): void
    {
        $visitor = new Browser(self::site('php-fpm')->url());
        $visitor->get('/count.php');
        $visitor->get('/parallel.php?name=old');
        $paths = ['/parallel.php?hold=30&remove=old'];
        for ($number = 0; $number < 24; ++$number) {
            $paths[] = "/parallel.php?hold=30&name=n$number";
        }
        $set = [];
        foreach ($visitor->getTogether($paths) as $number => $response) {
            $set['n' . ($number - 1)] = self::said($response)['worker'];
        }
        unset($set['n-1']);
        $stored = self::said($visitor->get('/read.php'))['data'];
        ksort($set);
        ksort($stored);
        self::assertSame($set + ['views' => 1], $stored);
    }
}
