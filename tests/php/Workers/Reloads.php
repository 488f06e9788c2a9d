<?php

declare(strict_types=1);

namespace Holdfast\Tests\Workers;

use Holdfast\Tests\Server\FpmBehindNginx;
use PHPUnit\Framework\Assert;

/**
 * php-fpm is reloaded again and again under load.
 */
final class Reloads
{
    private const VISITORS = 16;
    private const SECONDS_BETWEEN = 2.0;

    /**
     * No page fails and no view is lost. HOLDFAST_RELOAD_SECONDS is how long, 6 when unset.
     *
     * @param callable(int): void|null $before what to do before each reload, whose number it is given
     */
    public static function under(FpmBehindNginx $fpm, ?callable $before = null): void
    {
        $begun = microtime(true);
        $end = $begun + (float) (getenv('HOLDFAST_RELOAD_SECONDS') ?: 6);
        $first = $fpm->workers();
        $visitors = new CountingVisitors($fpm->url(), self::VISITORS);
        $next = $begun + self::SECONDS_BETWEEN / 2;
        $reloads = 0;
        $visitors->goOnUntil($end, static function () use ($fpm, $before, &$next, &$reloads): void {
            // Not before the last reload is through: a signal to a master that begins anew would be lost.
            if (microtime(true) >= $next && count($fpm->workers()) === FpmBehindNginx::WORKERS) {
                $next = microtime(true) + self::SECONDS_BETWEEN;
                ++$reloads;
                if ($before !== null) {
                    $before($reloads);
                }
                $fpm->reload();
            }
        });
        Assert::assertSame([], $visitors->failed);
        foreach ($visitors->look() as $visitor => $response) {
            $views = json_decode($response->body, true)['data']['views'] ?? null;
            Assert::assertSame($visitors->views()[$visitor], $views, "visitor $visitor: $response");
        }
        Assert::assertGreaterThan(1, $reloads);
        Assert::assertSame([], array_intersect($first, $fpm->workers()), 'the workers are others');
        fwrite(STDERR, sprintf(
            "\nreloads: %d in %.0f s, %d pages of %d visitors, 0 failed, 0 lost\n",
            $reloads,
            microtime(true) - $begun,
            array_sum($visitors->views()),
            self::VISITORS
        ));
    }
}
