<?php

declare(strict_types=1);

namespace Holdfast\Tests\SaveHandler;

use Holdfast\Tests\Server\SiteTestCase;

/**
 * Issue 3: eight requests of one visitor that take 200 ms each run in parallel, and each change is kept: keys of their own
 * at the top level and three levels deep, and items of one list; with `$_SESSION` and with `Session`.
 *
 * HOLDFAST_ROUNDS=100 repeats each scenario so often.
 */
final class ParallelRequestsTest extends SiteTestCase
{
    private const REQUESTS = 8;
    private const HOLD_MILLISECONDS = 200;

    /** The issue allows 0.3 s on a machine that has nothing else to do; one after the other take 1.6 s. */
    private const MOST_SECONDS = 0.6;

    /** @dataProvider scenarios */
    public function testNothingIsLostAndNobodyWaits(string $face, string $first): void
    {
        $rounds = (int) (getenv('HOLDFAST_ROUNDS') ?: 3);
        $seconds = [];
        for ($round = 0; $round < $rounds; ++$round) {
            $seconds[] = $this->round($face, $first);
        }
        sort($seconds);
        $median = $seconds[intdiv($rounds, 2)];
        fwrite(STDERR, sprintf(
            "\n%s, %s: %d requests of %d ms, %d rounds: median %.0f ms, most %.0f ms\n",
            $face,
            $first,
            self::REQUESTS,
            self::HOLD_MILLISECONDS,
            $rounds,
            $median * 1000,
            end($seconds) * 1000
        ));
        self::assertLessThan(self::MOST_SECONDS, $median);
    }

    /** @return array<string, array{string, string}> */
    public static function scenarios(): array
    {
        return [
            '$_SESSION' => ['session', 'with containers'],
            'Session' => ['class', 'with containers'],
            '$_SESSION, containers that nobody has made' => ['session', 'empty'],
            'Session, containers that nobody has made' => ['class', 'empty'],
        ];
    }

    /** @return array<string, string|int> */
    protected static function settings(): array
    {
        return ['session.save_handler' => 'holdfast', 'session.serialize_handler' => 'holdfast'];
    }

    /** @return float how long all of them took, in seconds */
    private function round(string $face, string $first): float
    {
        $visitor = self::visitor();
        // The first request makes the session, so that there is an id for all; the others are its visitor's.
        if ($first === 'with containers') {
            self::said($visitor->get("/together.php?face=$face&n=99"));
        } elseif ($face === 'session') {
            self::said($visitor->get('/show.php?set=' . rawurlencode('{"made":true}')));
        } else {
            self::said($visitor->get('/steps.php?do=set'));
        }
        $paths = [];
        for ($n = 0; $n < self::REQUESTS; ++$n) {
            $paths[] = "/together.php?face=$face&n=$n&hold=" . self::HOLD_MILLISECONDS;
        }
        $began = microtime(true);
        $responses = $visitor->getTogether($paths);
        $seconds = microtime(true) - $began;
        foreach ($responses as $response) {
            self::said($response);
            self::assertSame([], $response->cookies());
        }

        $data = self::said($visitor->get($face === 'session' ? '/show.php' : '/read.php'))['data'];
        $kept = ['top' => 0, 'deep' => 0, 'list' => 0];
        for ($n = 0; $n < self::REQUESTS; ++$n) {
            $kept['top'] += (int) (($data["top$n"] ?? null) === $n);
            $kept['deep'] += (int) (($data['shop']['cart']['items']["deep$n"] ?? null) === $n);
            $kept['list'] += (int) in_array($n, $data['list'] ?? [], true);
        }
        self::assertSame(['top' => self::REQUESTS, 'deep' => self::REQUESTS, 'list' => self::REQUESTS], $kept, json_encode($data));
        self::assertCount($first === 'with containers' ? self::REQUESTS + 1 : self::REQUESTS, $data['list'], 'no item twice');
        return $seconds;
    }
}
