<?php

declare(strict_types=1);

namespace Holdfast\Tests\SaveHandler;

use Holdfast\Tests\Browser\Request;
use Holdfast\Tests\MemoryLimit;
use Holdfast\Tests\Server\FpmBehindNginx;
use Holdfast\Tests\Wait;
use Holdfast\Tests\Workers\WaysOut;

/**
 * R06, R03: whichever way a request ends with `$_SESSION` open, the next request of the visitor works at once: with the
 * session lock and without it.
 */
final class WaysOutTest extends HandlerTestCase
{
    /** Starting a worker anew takes its time; the lock's limit is 10 s. */
    private const MOST_SECONDS = 1.0;

    /** @dataProvider ways */
    public function testTheNextRequestWorksAtOnce(string $way, string $serializer): void
    {
        if ($way === 'stack') {
            MemoryLimit::isNeeded();
        }
        $ini = ['ini' => ['session.serialize_handler' => $serializer]];
        $visitor = self::visitor();
        self::show($visitor, $ini + ['set' => ['n' => 1]]);
        for ($round = 1; $round <= 2; ++$round) {
            $visitor->get('/way-out.php?' . http_build_query($ini + ['way' => $way]));
            if ($way === 'finished early') {
                // The answer came before the end of the request, and so before it saved.
                $isSaved = static fn (): bool => self::calm($visitor->get(self::page($ini)))['data'] === ['n' => 1 + $round];
                Wait::until($isSaved, 'the end of the request has saved', self::fpm()->log(...));
            }
            $next = $visitor->get(self::page($ini));
            self::assertSame(['n' => 1 + $round], self::calm($next)['data'], $way);
            self::assertLessThan(self::MOST_SECONDS, $next->seconds);
            self::assertSame([], $next->cookies());
        }
        $this->waitForWorkers();
    }

    /** @return iterable<string, array{string, string}> */
    public static function ways(): iterable
    {
        foreach (WaysOut::WAYS as $way) {
            yield "$way, without a lock" => [$way, 'holdfast'];
            yield "$way, with the lock" => [$way, 'php'];
        }
    }

    /** @dataProvider signals */
    public function testTheNextRequestWorksAtOnceAfterASignal(int $signal, string $serializer): void
    {
        $ini = ['ini' => ['session.serialize_handler' => $serializer]];
        $visitor = self::visitor();
        self::show($visitor, $ini + ['set' => ['n' => 1]]);
        for ($round = 1; $round <= 3; ++$round) {
            $begun = $this->signal("begun$round");
            $hanging = new Request('/way-out.php?' . http_build_query($ini + ['way' => 'hang', 'begun' => $begun]));
            self::assertTrue(WaysOut::signal($visitor, $hanging, $begun, $signal));
            $next = $visitor->get(self::page($ini));
            self::assertSame(['n' => 1], self::calm($next)['data'], 'what was not saved is not there, and nothing else is gone');
            self::assertLessThan(self::MOST_SECONDS, $next->seconds);
            self::assertSame([], $next->cookies());
        }
        $this->waitForWorkers();
    }

    /** @return iterable<string, array{int, string}> */
    public static function signals(): iterable
    {
        foreach (['SIGTERM' => SIGTERM, 'SIGKILL' => SIGKILL, 'SIGSEGV' => SIGSEGV, 'SIGABRT' => SIGABRT] as $name => $signal) {
            yield "$name, without a lock" => [$signal, 'holdfast'];
            yield "$name, with the lock" => [$signal, 'php'];
        }
    }

    private function waitForWorkers(): void
    {
        Wait::until(
            static fn (): bool => count(self::fpm()->workers()) === FpmBehindNginx::WORKERS,
            'all workers are there again',
            static fn (): string => self::fpm()->log()
        );
    }
}
