<?php

declare(strict_types=1);

namespace Holdfast\Tests\SaveHandler;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\Crowd;
use Holdfast\Tests\Browser\Request;
use Holdfast\Tests\Browser\Response;
use Throwable;

/**
 * Issue 3, 4 and 5: where `$_SESSION` can't be merged, and where the application wants it, the session lock gives PHP's
 * own order: one request of a visitor at a time.
 */
final class LockingTest extends HandlerTestCase
{
    private const REQUESTS = 8;
    private const HOLD_MILLISECONDS = 100;

    /** @dataProvider locked */
    public function testOneAfterTheOtherAndNothingIsLost(string $serializer, string $locking): void
    {
        [$data, $seconds] = $this->together($serializer, $locking);
        self::assertCount(self::REQUESTS, array_filter(array_keys($data), static fn (string $key): bool => str_starts_with($key, 'top')));
        self::assertCount(self::REQUESTS, $data['shop']['cart']['items']);
        self::assertCount(self::REQUESTS, $data['list']);
        self::assertGreaterThan(self::REQUESTS * self::HOLD_MILLISECONDS / 1000, $seconds);
    }

    /** @return array<string, array{string, string}> */
    public static function locked(): array
    {
        return [
            'php, auto' => ['php', 'auto'],
            'php_serialize, auto' => ['php_serialize', 'auto'],
            'php, on' => ['php', 'on'],
            'holdfast, on' => ['holdfast', 'on'],
        ];
    }

    public function testOffNeverWaits(): void
    {
        [$data, $seconds] = $this->together('php', 'off');
        self::assertLessThan(self::REQUESTS * self::HOLD_MILLISECONDS / 1000, $seconds);
        self::assertCount(1, $data['list'], 'the later one is kept, whole');
    }

    /** Whether the worker that left its id in this file is asleep: after that signal it sleeps at the lock only. */
    private static function sleeps(string $signal): bool
    {
        $pid = (int) @file_get_contents($signal);
        return $pid > 0 && preg_match('/^\d+ \(.*\) S /', (string) @file_get_contents("/proc/$pid/stat")) === 1;
    }

    public function testTheOrderIsThatOfComing(): void
    {
        $ini = ['ini' => ['session.serialize_handler' => 'php']];
        $until = $this->signal('until');
        $visitor = self::visitor();
        self::show($visitor, $ini + ['set' => ['made' => 1]]);
        $next = 0;
        $visits = [$this->ask($visitor, $ini + ['begun' => $this->signal('begun'), 'until' => $until])];
        for ($n = 0; $n < 5; ++$n) {
            $visits[] = $this->ask($visitor, $ini + ['after' => $this->signal("go$n"), 'coming' => $this->signal("coming$n"), 'append' => $n]);
        }
        Crowd::run($visits, function () use (&$next, $until): void {
            clearstatcache();
            if ($next === 0 && file_exists($this->signal('begun'))) {
                touch($this->signal('go' . $next++));
            } elseif ($next > 0 && $next <= 5 && self::sleeps($this->signal('coming' . ($next - 1)))) {
                touch($next < 5 ? $this->signal("go$next") : $until);
                ++$next;
            }
        });
        // Not the order of the answers: two that come together are taken as they lie.
        self::assertSame([0, 1, 2, 3, 4], self::show($visitor, $ini)['data']['order']);
    }

    /** R10 */
    public function testReadersThatOnlyReadWaitForNobody(): void
    {
        foreach (['php', 'holdfast'] as $serializer) {
            $ini = ['ini' => ['session.serialize_handler' => $serializer, 'holdfast.locking' => 'on']];
            $visitor = self::visitor();
            self::show($visitor, $ini + ['set' => ['n' => 1]]);
            $this->whileOpen($visitor, $ini, function () use ($visitor, $ini): void {
                $response = $visitor->send(new Request(self::page($ini + ['read_and_close' => 1]), seconds: 5.0));
                self::assertSame(['n' => 1], self::calm($response)['data']);
                self::assertLessThan(1.0, $response->seconds);
            });
        }
    }

    /** @dataProvider releasing */
    public function testAfterItsCloseARequestHoldsNobodyUp(string $step): void
    {
        $ini = ['ini' => ['session.serialize_handler' => 'php']];
        $visitor = self::visitor();
        self::show($visitor, $ini + ['set' => ['n' => 1]]);
        $this->whileOpen($visitor, $ini + ['do' => $step, 'wait_last' => 1], function () use ($visitor, $ini): void {
            $response = $visitor->send(new Request(self::page($ini), seconds: 5.0));
            self::assertTrue(self::said($response)['started']);
            self::assertLessThan(1.0, $response->seconds);
        });
    }

    /** @return array<string, array{string}> */
    public static function releasing(): array
    {
        return [
            'session_write_close' => ['close'],
            'session_abort' => ['abort'],
            'session_destroy' => ['destroy'],
            'session_regenerate_id, as to the old id' => ['regenerate-true,close'],
        ];
    }

    /** R05, S27: a frozen owner costs waiters a limited wait, and others nothing. */
    public function testAFrozenOwnerCostsALimitedWaitAndAClearError(): void
    {
        $ini = ['session.serialize_handler' => 'php', 'holdfast.lock_wait' => 1];
        $visitor = self::visitor();
        self::show($visitor, ['ini' => $ini, 'set' => ['n' => 1]]);
        $this->whileOpen($visitor, ['ini' => $ini], function () use ($visitor, $ini): void {
            $late = $visitor->get(self::page(['ini' => $ini, 'set' => ['n' => 9]]));
            $said = self::said($late);
            self::assertFalse($said['started']);
            self::assertStringContainsStringIgnoringCase('lock', $said['warnings'][0] ?? '', (string) $late);
            self::assertSame([], $late->cookies());
            self::assertEqualsWithDelta(1.0, $late->seconds, 0.5);
            $other = self::visitor();
            $free = $other->get(self::page(['ini' => $ini, 'set' => ['n' => 1]]));
            self::assertTrue(self::said($free)['started']);
            self::assertLessThan(0.5, $free->seconds);
            $atOnce = $visitor->get(self::page(['ini' => ['holdfast.lock_wait' => 0] + $ini]));
            self::assertFalse(self::said($atOnce)['started']);
            self::assertLessThan(0.5, $atOnce->seconds);
        });
        self::assertSame(['n' => 1], self::show($visitor, ['ini' => $ini])['data']);
    }

    /** R03 */
    public function testTheLockOfAKilledOwnerIsFreeWithin100Milliseconds(): void
    {
        $ini = ['ini' => ['session.serialize_handler' => 'php']];
        $waits = [];
        for ($round = 0; $round < 20; ++$round) {
            $visitor = self::visitor();
            self::show($visitor, $ini + ['set' => ['n' => 1]]);
            [$begun, $coming] = [$this->signal("begun$round"), $this->signal("coming$round")];
            $killed = 0.0;
            $owner = $this->ask($visitor, $ini + ['begun' => $begun, 'until' => $this->signal('never')]);
            $waiter = $this->ask(
                $visitor,
                $ini + ['after' => $begun, 'coming' => $coming],
                static function (Response $response) use (&$waits, &$killed): void {
                    self::assertSame(['n' => 1], self::calm($response)['data']);
                    $waits[] = microtime(true) - $killed;
                }
            );
            Crowd::run([$owner, $waiter], static function () use ($begun, $coming, &$killed): void {
                clearstatcache();
                if ($killed === 0.0 && file_exists($coming)) {
                    $killed = microtime(true);
                    posix_kill((int) file_get_contents($begun), SIGKILL);
                }
            });
        }
        sort($waits);
        fwrite(STDERR, sprintf("\nkill -9 until the next request's answer: median %.0f ms, most %.0f ms\n", $waits[10] * 1000, end($waits) * 1000));
        self::assertLessThan(0.1, $waits[18], 'nineteen of twenty');
        self::assertLessThan(1.0, end($waits));
    }

    /**
     * Does something while a page of the visitor's has the session open.
     *
     * @param array<string, mixed> $page
     */
    private function whileOpen(Browser $visitor, array $page, callable $do): void
    {
        $name = bin2hex(random_bytes(3));
        [$begun, $until] = [$this->signal("begun$name"), $this->signal("until$name")];
        $isDone = false;
        $failure = null;
        $wait = isset($page['wait_last']) ? ['done' => $begun, 'until_last' => $until] : ['begun' => $begun, 'until' => $until];
        unset($page['wait_last']);
        Crowd::run([$this->ask($visitor, $page + $wait)], static function () use ($begun, $until, $do, &$isDone, &$failure): void {
            clearstatcache();
            if (!$isDone && file_exists($begun)) {
                $isDone = true;
                try {
                    $do();
                } catch (Throwable $failure) {
                    // The page must end before the test does.
                }
                touch($until);
            }
        });
        if ($failure !== null) {
            throw $failure;
        }
    }

    /** @param array<string, mixed> $page */
    private function ask(Browser $visitor, array $page, ?callable $then = null): iterable
    {
        $browser = self::visitor();
        $browser->cookies = $visitor->cookies;
        /** @var Response $response */
        $response = yield [$browser, new Request(self::page($page))];
        if ($then !== null) {
            $then($response);
        }
    }

    /** @return array{array<string, mixed>, float} what is kept of parallel requests, and how long they took in seconds */
    private function together(string $serializer, string $locking): array
    {
        $ini = ['ini' => ['session.serialize_handler' => $serializer, 'holdfast.locking' => $locking]];
        $visitor = self::visitor();
        self::show($visitor, $ini + ['set' => ['made' => 1]]);
        $paths = [];
        for ($n = 0; $n < self::REQUESTS; ++$n) {
            $paths[] = '/together.php?' . http_build_query($ini + ['face' => 'session', 'n' => $n, 'hold' => self::HOLD_MILLISECONDS]);
        }
        $began = microtime(true);
        foreach ($visitor->getTogether($paths) as $response) {
            self::said($response);
        }
        $seconds = microtime(true) - $began;
        return [self::show($visitor, $ini)['data'], $seconds];
    }
}
