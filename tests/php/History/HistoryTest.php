<?php

declare(strict_types=1);

namespace Holdfast\Tests\History;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Server\FpmBehindNginx;
use Holdfast\Tests\Server\SiteTestCase;
use Holdfast\Tests\TemporaryDirectory;

/**
 * Issue 4: `getHistory` and its setting, `maintenance`.
 */
final class HistoryTest extends SiteTestCase
{
    private const KEPT = 3;

    /** @return array<string, string|int> */
    protected static function settings(): array
    {
        return ['holdfast.history' => self::KEPT, 'display_errors' => '0', 'log_errors' => 1];
    }

    /** @dataProvider servers */
    public function testTheLastPagesAreKeptUnderRisingNumbers(string $server): void
    {
        $url = self::site($server)->url();
        $visitor = new Browser($url);
        $before = time();
        self::said($visitor->get('/history.php?do=set'));
        self::said($visitor->get('/count.php'));
        $history = $this->history($visitor);
        self::assertSame([0, 1], array_keys($history));
        self::assertSame(["$url/history.php", "$url/count.php"], array_column($history, 'url'));
        self::assertSame(['time', 'url', 'page'], array_keys($history[0]));
        self::assertSame(null, $history[0]['page']);
        self::assertGreaterThanOrEqual($before, $history[0]['time']);
        self::assertLessThanOrEqual(time(), $history[1]['time']);
        for ($n = 3; $n < 8; ++$n) {
            $history = $this->history($visitor);
            self::assertSame(range($n - self::KEPT, $n - 1), array_keys($history));
        }
    }

    public function testS25AVisitorWithoutASessionGetsNone(): void
    {
        $visitor = self::visitor();
        $response = $visitor->get('/history.php?do=maintenance');
        self::assertSame([], self::said($response)['history']);
        self::assertSame([], $response->cookies());
        $unknown = $visitor->getWithCookieHeader('/history.php', 'holdfast=' . str_repeat('A', 43));
        self::assertSame([], self::said($unknown)['history']);
        self::assertSame([], $unknown->cookies());
    }

    /** The query may hold a secret, and ProcessWire keeps none either. */
    public function testAUrlHasNoQueryAndIsReadyForHtml(): void
    {
        $visitor = self::visitor();
        $visitor->get('/history.php?do=set&token=secret');
        self::assertSame([self::fpm()->url() . '/history.php'], array_column($this->history($visitor), 'url'));

        $httpsUrl = self::fpm()->httpsUrl();
        $secure = new Browser($httpsUrl);
        $secure->get('/history.php?do=set');
        $path = "/history.php/a&b<i>\"'" . rawurlencode('<');
        $secure->get("$path?token=secret");
        $urls = array_column($this->history($secure), 'url');
        self::assertSame(str_replace('http:', 'https:', $httpsUrl) . htmlspecialchars($path), $urls[1]);
    }

    public function testALongUrlIsCut(): void
    {
        $visitor = self::visitor();
        $visitor->get('/history.php?do=set');
        $visitor->get('/history.php/' . str_repeat('&', 5000));
        $url = $this->history($visitor)[1]['url'];
        self::assertLessThanOrEqual(2048, strlen($url));
        self::assertStringEndsWith('&amp;', $url);
    }

    /** ProcessWire records every request. */
    public function testPostsAndRedirectsAreRecordedToo(): void
    {
        $visitor = self::visitor();
        $visitor->post('/history.php?do=set', ['a' => 'b']);
        self::assertCount(1, $this->history($visitor));
        self::assertSame(302, $visitor->get('/history.php/moved?do=redirect')->status);
        $history = $this->history($visitor);
        self::assertSame(self::fpm()->url() . '/history.php/moved', end($history)['url']);
    }

    public function testAPageThatOnlyMakesItsSessionIsRecorded(): void
    {
        $visitor = self::visitor();
        $visitor->get('/history.php?do=set');
        self::assertSame(null, self::said($visitor->get('/history.php?untouched=1'))['history']);
        self::assertCount(2, $this->history($visitor));
    }

    public function testMaintenanceRecordsAPageOnceAndAtOnce(): void
    {
        $visitor = self::visitor();
        self::assertSame([1, 1], self::said($visitor->get('/history.php?do=set,maintenance,look,maintenance,look'))['recorded']);
        self::assertCount(1, $this->history($visitor));
    }

    public function testAClosedSessionRecordsOnlyWhatWasAskedForBefore(): void
    {
        $visitor = self::visitor();
        $visitor->get('/history.php?do=set,close,maintenance');
        self::assertSame([], $this->history($visitor));
        $visitor->get('/history.php/closed?do=maintenance,close');
        self::assertCount(2, $this->history($visitor));
    }

    public function testADestroyedSessionHasNoHistory(): void
    {
        $visitor = self::visitor();
        $visitor->get('/history.php?do=set');
        $response = $visitor->get('/history.php?do=destroy');
        self::assertCount(1, $response->cookies());
        self::assertTrue($response->cookies()[0]->isRemoval());
        self::assertSame([], $this->history($visitor));
    }

    /** On the built-in server: nginx would log once more what php-fpm logs. */
    public function testAVariableThatCannotBeStoredIsToldOnce(): void
    {
        $visitor = new Browser(self::builtIn()->url());
        $visitor->get('/history.php?do=set');
        $visitor->get('/history.php?do=unstorable');
        self::assertSame(1, substr_count(self::builtIn()->log(), "'bad' can't be stored"), self::builtIn()->log());
    }

    public function testWhatTheApplicationHasInItsPlaceStays(): void
    {
        $visitor = self::visitor();
        $visitor->get('/history.php?do=other');
        self::assertSame([], $this->history($visitor));
        self::assertSame('a text of the application', self::said($visitor->get('/read.php'))['data']['_user']);
        $visitor = self::visitor();
        $visitor->get('/history.php?do=user');
        self::assertSame(41, self::said($visitor->get('/read.php'))['data']['_user']['id']);
    }

    /** R07, for pages: all of them load the session before the first of them ends, and old pages give way to them. */
    public function testParallelRequestsLoseNoPage(): void
    {
        $kept = FpmBehindNginx::WORKERS + 1;
        $options = '&options=' . rawurlencode("{\"history\":$kept}");
        $visitor = self::visitor();
        for ($n = 0; $n <= $kept; ++$n) {
            $visitor->get("/history.php?do=set$options");
        }
        $directory = new TemporaryDirectory();
        try {
            $meeting = '&all=' . FpmBehindNginx::WORKERS . '&at=' . rawurlencode($directory->path);
            $path = static fn (int $n): string => "/history.php/$n?do=set$options$meeting";
            foreach ($visitor->getTogether(array_map($path, range(1, FpmBehindNginx::WORKERS))) as $response) {
                self::said($response);
            }
        } finally {
            $directory->remove();
        }
        $history = $this->history($visitor, $options);
        self::assertSame(range($kept, 2 * $kept - 1), array_keys($history));
        for ($n = 1; $n <= FpmBehindNginx::WORKERS; ++$n) {
            self::assertContains(self::fpm()->url() . "/history.php/$n", array_column($history, 'url'));
        }
    }

    /** @return array<int, array{time: int, url: string, page: null}> */
    private function history(Browser $visitor, string $options = ''): array
    {
        return self::said($visitor->get("/history.php?look=1$options"))['history'];
    }
}
