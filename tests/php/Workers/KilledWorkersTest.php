<?php

declare(strict_types=1);

namespace Holdfast\Tests\Workers;

use Generator;
use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\Crowd;
use Holdfast\Tests\Browser\Request;
use Holdfast\Tests\Browser\Response;
use Holdfast\Tests\Server\SiteTestCase;

/**
 * Issue 2, R01, R03: 2,000 page views of 50 visitors over 8 fpm workers, in parallel, with kill -9 on a worker every
 * 100 ms: every acknowledged write is there, and no page waits over a second for a dead worker's lock.
 *
 * Acknowledged is what a complete answer with status 200 and the page's last words told the visitor. (Of a page that was
 * cut off nginx may make a complete answer without a body.)
 */
final class KilledWorkersTest extends SiteTestCase
{
    private const VISITORS = 50;
    private const VIEWS_EACH = 40;
    private const SECONDS_BETWEEN_KILLS = 0.1;
    private const LONGEST_WAIT = 1.0;

    /** What takes longer, in seconds, is a hang: generous, for fifty visitors wait for eight workers. */
    private const LONGEST_ANSWER = 10.0;

    /** @var array<int, array<string, true>> the acknowledged tokens of each visitor */
    private array $acknowledged = [];

    /** @var list<float> how long each acknowledged page waited for its session, in seconds */
    private array $waits = [];

    /** @var list<string> answers that are neither complete nor what a killed worker leaves behind: errors, hangs */
    private array $strange = [];

    private int $killedViews = 0;
    private int $kills = 0;
    private float $nextKill = 0.0;

    public function testEveryAcknowledgedWriteIsThere(): void
    {
        $browsers = [];
        $visits = [];
        for ($visitor = 0; $visitor < self::VISITORS; ++$visitor) {
            $browsers[] = $browser = new Browser(self::fpm()->url());
            $visits[] = $this->visit($visitor, $browser);
        }
        $this->nextKill = microtime(true) + self::SECONDS_BETWEEN_KILLS;
        Crowd::run($visits, $this->killNowAndThen(...));

        self::assertSame([], $this->strange);
        foreach ($browsers as $visitor => $browser) {
            $stored = self::said($browser->get('/read.php'))['data'];
            foreach (array_keys($this->acknowledged[$visitor]) as $token) {
                self::assertArrayHasKey("saved $token", $stored, "visitor $visitor lost an acknowledged write");
                self::assertSame('', str_replace($token, '', $stored["saved $token"]), "visitor $visitor: mixed bytes");
                self::assertSame($token, $stored["ended $token"] ?? null, "visitor $visitor lost an acknowledged write");
            }
        }
        self::assertLessThan(self::LONGEST_WAIT, max($this->waits));
        self::assertGreaterThan(10, $this->kills, 'workers were killed');
        self::assertGreaterThan(0, $this->killedViews, 'workers were killed in the midst of a page');
        self::assertGreaterThan(self::VISITORS * self::VIEWS_EACH / 2, count($this->waits), 'most pages were served');
    }

    /** @return Generator<int, array{Browser, Request}, Response, void> */
    private function visit(int $visitor, Browser $browser): Generator
    {
        $this->acknowledged[$visitor] = [];
        for ($view = 0; $view < self::VIEWS_EACH; ++$view) {
            $token = "v{$visitor}n{$view}";
            /** @var Response $response */
            $response = yield [$browser, new Request("/write.php?token=$token")];
            $said = json_decode($response->body, true);
            if ($response->isAcknowledged() && isset($said['waited'])) {
                $this->acknowledged[$visitor][$token] = true;
                $this->waits[] = (float) $said['waited'];
            } elseif (in_array($response->status, [200, 502], true) && $response->seconds < self::LONGEST_ANSWER) {
                // nginx had no answer from the worker, or one that was cut off.
                ++$this->killedViews;
            } else {
                $this->strange[] = (string) $response;
            }
        }
    }

    private function killNowAndThen(): void
    {
        if (microtime(true) < $this->nextKill) {
            return;
        }
        $this->nextKill += self::SECONDS_BETWEEN_KILLS;
        $workers = self::fpm()->workers();
        if ($workers !== []) {
            posix_kill($workers[array_rand($workers)], SIGKILL);
            ++$this->kills;
        }
    }
}
