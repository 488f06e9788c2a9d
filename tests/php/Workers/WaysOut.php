<?php

declare(strict_types=1);

namespace Holdfast\Tests\Workers;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\Crowd;
use Holdfast\Tests\Browser\Request;

/**
 * The ways out of a request that way-out.php knows.
 */
final class WaysOut
{
    public const WAYS = [
        'none',
        'exit',
        'die',
        'exception',
        'type error',
        'fatal',
        'compile error',
        'memory',
        'time',
        'stack',
        'exception in a shutdown function',
        'exit in a shutdown function',
        'exception in a destructor',
        'exit in an output callback',
        'exception in a header callback',
        'finished early',
    ];

    /**
     * Sends a request that hangs, and a signal to its worker.
     *
     * @param string $begun the file in which the request says its worker's process id
     * @return bool whether the signal was sent
     */
    public static function signal(Browser $visitor, Request $hanging, string $begun, int $signal): bool
    {
        $ask = (static function () use ($visitor, $hanging): iterable {
            yield [$visitor, $hanging];
        })();
        $isSent = false;
        Crowd::run([$ask], static function () use ($begun, $signal, &$isSent): void {
            clearstatcache();
            if (!$isSent && is_file($begun) && filesize($begun) > 0) {
                $isSent = posix_kill((int) file_get_contents($begun), $signal);
            }
        });
        return $isSent;
    }
}
