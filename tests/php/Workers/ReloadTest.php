<?php

declare(strict_types=1);

namespace Holdfast\Tests\Workers;

use Generator;
use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\Crowd;
use Holdfast\Tests\Browser\Request;
use Holdfast\Tests\Browser\Response;
use Holdfast\Tests\Server\FpmBehindNginx;
use Holdfast\Tests\Server\SiteTestCase;

/**
 * R26: php-fpm is reloaded again and again under load, so that for a moment nobody may have the store open: no page
 * fails, and no view is lost. HOLDFAST_RELOAD_SECONDS is how long, 6 when unset.
 */
final class ReloadTest extends SiteTestCase
{
    private const VISITORS = 16;
    private const SECONDS_BETWEEN = 2.0;

    /** @var array<int, int> how many views of each visitor were acknowledged */
    private array $views = [];

    /** @var list<string> */
    private array $failed = [];

    private int $reloads = 0;

    public function testNoPageFailsAndNoViewIsLost(): void
    {
        $begun = microtime(true);
        $end = $begun + (float) (getenv('HOLDFAST_RELOAD_SECONDS') ?: 6);
        $first = self::fpm()->workers();
        $browsers = [];
        $visits = [];
        for ($visitor = 0; $visitor < self::VISITORS; ++$visitor) {
            $browsers[] = $browser = new Browser(self::fpm()->url());
            $visits[] = $this->visit($visitor, $browser, $end);
        }
        $next = $begun + self::SECONDS_BETWEEN / 2;
        Crowd::run($visits, function () use (&$next): void {
            // Not before the last reload is through: a signal to a master that begins anew would be lost.
            if (microtime(true) >= $next && count(self::fpm()->workers()) === FpmBehindNginx::WORKERS) {
                $next = microtime(true) + self::SECONDS_BETWEEN;
                self::fpm()->reload();
                ++$this->reloads;
            }
        });
        self::assertSame([], $this->failed);
        foreach ($browsers as $visitor => $browser) {
            self::assertSame($this->views[$visitor], self::said($browser->get('/read.php'))['data']['views'], "visitor $visitor");
        }
        self::assertGreaterThan(1, $this->reloads);
        self::assertSame([], array_intersect($first, self::fpm()->workers()), 'the workers are others');
        fwrite(STDERR, sprintf(
            "\nreloads: %d in %.0f s, %d pages of %d visitors, 0 failed, 0 lost\n",
            $this->reloads,
            microtime(true) - $begun,
            array_sum($this->views),
            self::VISITORS
        ));
    }

    /** @return Generator<int, array{Browser, Request}, Response, void> */
    private function visit(int $visitor, Browser $browser, float $end): Generator
    {
        $this->views[$visitor] = 0;
        while (microtime(true) < $end) {
            /** @var Response $response */
            $response = yield [$browser, new Request('/count.php')];
            $said = json_decode($response->body, true);
            if ($response->isAcknowledged() && ($said['views'] ?? null) === $this->views[$visitor] + 1) {
                ++$this->views[$visitor];
            } else {
                $this->failed[] = (string) $response;
            }
        }
    }
}
