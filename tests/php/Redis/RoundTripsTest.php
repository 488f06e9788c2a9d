<?php

declare(strict_types=1);

namespace Holdfast\Tests\Redis;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Wait;

/**
 * At most one round trip to open a session and one to save it, and none for what did not change. Each round trip ends with
 * one PING, its mark, so the server's own count of them is the count of round trips.
 */
final class RoundTripsTest extends RedisTestCase
{
    private const WORKERS = 8;

    /** @return iterable<string, array{string, int, int}> a page, and how many messages of which kind it costs at most */
    public static function pages(): iterable
    {
        yield 'nothing of a session' => ['/nothing.php', 0, 0];
        // The script is the touch that may be due, once a second.
        yield 'a session that is read' => ['/read.php', 1, 1];
        yield 'one that is changed and changed back' => ['/steps.php?do=set,unset', 1, 1];
        yield 'one that is changed' => ['/count.php', 1, 1];
    }

    /** @dataProvider pages */
    public function testAPageCostsItsRoundTripsAndNoMore(string $page, int $loads, int $scripts): void
    {
        $visitor = self::visitor();
        $this->warmUp($visitor);
        for ($round = 0; $round < 10; ++$round) {
            self::redis()->resetCalls();
            $response = $visitor->get($page);
            self::assertTrue($response->isAcknowledged(), (string) $response);
            $calls = self::redis()->calls() + ['ping' => 0, 'evalsha' => 0];
            $said = json_encode($calls);
            self::assertLessThanOrEqual($scripts, $calls['evalsha'], $said);
            self::assertSame($loads + $calls['evalsha'], $calls['ping'], $said);
            self::assertArrayNotHasKey('eval', $calls, $said);
            if ($page === '/count.php') {
                self::assertSame(1, $calls['evalsha'], $said);
            }
        }
    }

    public function testASessionThatIsOnlyReadLivesOn(): void
    {
        $visitor = self::visitor();
        $earlier = $this->sessions();
        $visitor->get('/count.php');
        [$key] = array_values(array_diff($this->sessions(), $earlier));
        $before = $this->end($key);
        Wait::until(function () use ($visitor, $key, $before): bool {
            $visitor->get('/read.php');
            return $this->end($key) > $before;
        }, 'the end of the session moves on', static fn (): string => $key);
        self::assertSame(['views' => 1], self::said($visitor->get('/read.php'))['data']);
    }

    /** @return list<string> their keys */
    private function sessions(): array
    {
        preg_match_all('/holdfast:\{[^}]+\}(?=\r)/', self::redis()->command('KEYS', 'holdfast:{*}'), $found);
        return $found[0];
    }

    /** @return int in milliseconds since 1970 */
    private function end(string $key): int
    {
        preg_match('/:(\d+)/', self::redis()->command('PEXPIRETIME', $key), $found);
        return (int) ($found[1] ?? 0);
    }

    /** Every worker has opened the store, and the server knows the scripts. */
    private function warmUp(Browser $visitor): void
    {
        $visitor->get('/count.php');
        $workers = [];
        while (count($workers) < self::WORKERS) {
            foreach ($visitor->getTogether(array_fill(0, self::WORKERS, '/parallel.php?hold=20')) as $response) {
                $workers[self::said($response)['worker']] = true;
            }
        }
    }
}
