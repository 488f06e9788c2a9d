<?php

declare(strict_types=1);

namespace Holdfast\Tests\Workers;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\Request;
use Holdfast\Tests\Server\SiteTestCase;
use Holdfast\Tests\TemporaryDirectory;
use Holdfast\Tests\Wait;

/**
 * R06: whichever way a request with a `Session` ends, what it saved before is there, and the visitor's next request does
 * not wait: with the session lock and without it. HOLDFAST_WAYS_OUT is how often each way is gone, twice when unset.
 */
final class WaysOutTest extends SiteTestCase
{
    /** Who waits for a lock that was left behind waits for its limit, 10 s; starting a worker anew takes its time, too. */
    private const MOST_SECONDS = 6.0;

    /** @dataProvider ways */
    public function testWhatWasSavedIsThereAndTheLockIsFree(string $way, string $locking): void
    {
        $visitor = self::visitor();
        // Who has no session locks none.
        $visitor->get(self::page('none', $locking));
        for ($round = 1; $round <= self::rounds(); ++$round) {
            $visitor->get(self::page($way, $locking));
            if ($way === 'finished early') {
                // The answer came before the end of the request, and so before it saved.
                $isSaved = static fn (): bool => self::said($visitor->get('/read.php'))['data']['n'] === 2 * $round;
                Wait::until($isSaved, 'the end of the request has saved', self::fpm()->log(...));
            }
            $this->goesOn($visitor, $locking, 1 + 2 * $round, 1 + 2 * $round);
        }
    }

    /** @return iterable<string, array{string, string}> */
    public static function ways(): iterable
    {
        foreach (WaysOut::WAYS as $way) {
            yield "$way, without a lock" => [$way, 'off'];
            yield "$way, with the lock" => [$way, 'on'];
        }
    }

    /** @dataProvider signals */
    public function testTheSameAfterASignal(int $signal, string $locking): void
    {
        $visitor = self::visitor();
        $visitor->get(self::page('none', $locking));
        $directory = new TemporaryDirectory();
        try {
            for ($round = 1; $round <= self::rounds(); ++$round) {
                $begun = $directory->path . "/begun$round";
                $hanging = new Request(self::page('hang', $locking) . '&begun=' . urlencode($begun));
                self::assertTrue(WaysOut::signal($visitor, $hanging, $begun, $signal));
                // What the request had not saved is not there.
                $this->goesOn($visitor, $locking, 1 + 2 * $round, 1 + $round);
            }
        } finally {
            $directory->remove();
        }
    }

    /** @return iterable<string, array{int, string}> */
    public static function signals(): iterable
    {
        // A fault in another extension is a SIGSEGV or a SIGABRT, wherever it comes from.
        $signals = ['SIGTERM' => SIGTERM, 'SIGKILL' => SIGKILL, 'SIGSEGV' => SIGSEGV, 'SIGABRT' => SIGABRT, 'SIGBUS' => SIGBUS];
        foreach ($signals as $name => $signal) {
            yield "$name, without a lock" => [$signal, 'off'];
            yield "$name, with the lock" => [$signal, 'on'];
        }
    }

    /** The next request, which is one more of those that count, works at once. */
    private function goesOn(Browser $visitor, string $locking, int $saved, int $n): void
    {
        $next = $visitor->get(self::page('none', $locking));
        self::assertSame('the end', $next->body);
        self::assertLessThan(self::MOST_SECONDS, $next->seconds);
        $data = self::said($visitor->get('/read.php'))['data'];
        self::assertSame(['saved' => $saved, 'n' => $n], $data);
    }

    private static function page(string $way, string $locking): string
    {
        return '/way-out.php?' . http_build_query(['handle' => 1, 'way' => $way, 'ini' => ['holdfast.locking' => $locking]]);
    }

    private static function rounds(): int
    {
        return (int) (getenv('HOLDFAST_WAYS_OUT') ?: 2);
    }
}
