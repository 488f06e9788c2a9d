<?php

declare(strict_types=1);

namespace Holdfast\Tests\Tracker;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\Request;
use Holdfast\Tests\Server\FpmBehindNginx;
use Holdfast\Tests\Server\SiteTestCase;
use Holdfast\Tests\TemporaryDirectory;

/**
 * Issue 5: the property `tracker` and `do_not_track`, as ExpressionEngine 7.5 has them.
 */
final class TrackerTest extends SiteTestCase
{
    private const SITE = '/tracked/index.php';

    /** @return array<string, string|int> */
    protected static function settings(): array
    {
        return ['holdfast.tracker' => 1, 'display_errors' => '0', 'log_errors' => 1];
    }

    /** @dataProvider servers */
    public function testTheLastFivePagesAreThereTheCurrentOneFirst(string $server): void
    {
        $visitor = new Browser(self::site($server)->url());
        self::assertSame(['index'], $this->tracker($visitor, '?do=set'));
        self::assertSame(['a', 'index'], $this->tracker($visitor, '/a'));
        self::assertSame(['channel/comments', 'a', 'index'], $this->tracker($visitor, '/channel/comments/?page=2'));
        self::assertSame(['b', 'channel/comments', 'a', 'index'], $this->tracker($visitor, '/b'));
        self::assertSame(['c', 'b', 'channel/comments', 'a', 'index'], $this->tracker($visitor, '/c'));
        self::assertSame(['d', 'c', 'b', 'channel/comments', 'a'], $this->tracker($visitor, '/d'));
        self::assertSame(['a', 'd', 'c', 'b', 'channel/comments'], $this->tracker($visitor, '/a'));
    }

    public function testItsPagesAreReadByTheirNumbersAsTexts(): void
    {
        $visitor = self::visitor();
        $visitor->get(self::SITE . '?do=set');
        $tracker = self::said($visitor->get(self::SITE . '/a'))['tracker'];
        self::assertSame('a', $tracker['0']);
        self::assertSame('index', $tracker['1']);
    }

    public function testReloadsDoNotFillIt(): void
    {
        $visitor = self::visitor();
        foreach (['?do=set', '/a', '/b', '/c', '/d'] as $page) {
            $visitor->get(self::SITE . $page);
        }
        $commits = $this->commits();
        for ($reload = 0; $reload < 7; ++$reload) {
            self::assertSame(['d', 'c', 'b', 'a', 'index'], $this->tracker($visitor, '/d'));
        }
        self::assertSame($commits, $this->commits(), 'and nothing is stored by them');
        self::assertSame(['e', 'd', 'c', 'b', 'a'], $this->tracker($visitor, '/e'));
        self::assertSame($commits + 1, $this->commits());
    }

    public function testScriptsOfAPageDoNotFillIt(): void
    {
        $visitor = self::visitor();
        $visitor->get(self::SITE . '?do=set');
        foreach (['XMLHttpRequest', 'xmlhttprequest'] as $by) {
            $answer = $visitor->send(new Request(self::SITE . '/ajax', headers: ['X-Requested-With' => $by]));
            self::assertSame(['index'], self::said($answer)['tracker'], 'what it was');
        }
        foreach (['image', 'style', 'script', 'empty'] as $destination) {
            $answer = $visitor->send(new Request(self::SITE . "/$destination", headers: ['Sec-Fetch-Dest' => $destination, 'Sec-Fetch-Mode' => 'no-cors']));
            self::assertSame(['index'], self::said($answer)['tracker'], $destination);
        }
        self::assertSame(['a', 'index'], $this->tracker($visitor, '/a'));
        $visitor->send(new Request(self::SITE . '/no-ajax', headers: ['X-Requested-With' => 'org.example.app']));
        self::assertSame(['b', 'no-ajax', 'a', 'index'], $this->tracker($visitor, '/b'));
    }

    /** In ExpressionEngine `?ACT=` calls an action of an add-on, which is no page. */
    public function testActionsDoNotFillIt(): void
    {
        $visitor = self::visitor();
        $visitor->get(self::SITE . '?do=set');
        self::assertSame(['index'], $this->tracker($visitor, '/action?ACT=12'));
        self::assertSame(['index'], $this->tracker($visitor, '/action~?ACT=12'), 'and may have any address');
        self::assertSame(['a', 'index'], $this->tracker($visitor, '/a'));
    }

    /** @dataProvider strangeAddresses */
    public function testAStrangeAddressEmptiesIt(string $strange): void
    {
        $visitor = self::visitor();
        $visitor->get(self::SITE . '?do=set');
        self::assertSame(['a', 'index'], $this->tracker($visitor, '/a'));
        self::assertSame([], $this->tracker($visitor, $strange));
        self::assertSame(['b'], $this->tracker($visitor, '/b'));
    }

    /** @return array<string, array{string}> */
    public static function strangeAddresses(): array
    {
        return [
            'a tilde' => ['/a~b'],
            'a colon' => ['/http://elsewhere.example'],
            'markup' => ["/a'b"],
            'a variable' => ['/a$b'],
            'too long' => ['/' . str_repeat('a', 2049)],
        ];
    }

    public function testWhatIsEncodedStaysEncoded(): void
    {
        $visitor = self::visitor();
        $visitor->get(self::SITE . '?do=set');
        self::assertSame(['A-Z_0.9%C3%A4', 'index'], $this->tracker($visitor, '/A-Z_0.9%C3%A4'));
        self::assertSame(['a/b/c', 'A-Z_0.9%C3%A4', 'index'], $this->tracker($visitor, '//a\\b//c//'));
        $longest = str_repeat('b', 2048);
        self::assertSame($longest, $this->tracker($visitor, "/$longest")[0]);
    }

    public function testWhatAThemeConsistsOfDoesNotFillIt(): void
    {
        $visitor = self::visitor();
        self::assertSame(['themes/a.css'], $this->tracker($visitor, '/themes/a.css?do=set'), 'but for the first page');
        self::assertSame(['a', 'themes/a.css'], $this->tracker($visitor, '/a'));
        self::assertSame(['a', 'themes/a.css'], $this->tracker($visitor, '/themes/b.css'));
        self::assertSame(['my/themes/c', 'a', 'themes/a.css'], $this->tracker($visitor, '/my/themes/c'));
    }

    public function testDoNotTrackLeavesThisPageOut(): void
    {
        $visitor = self::visitor();
        $visitor->get(self::SITE . '?do=set');
        $said = self::said($visitor->get(self::SITE . '/form?do=untrack,set,untrack'));
        self::assertSame([['form', 'index'], ['index']], [$said['tracker'], $said['after']]);
        self::assertSame(['a', 'index'], $this->tracker($visitor, '/a'));
        self::assertSame([['a', 'index'], ['a', 'index']], array_values(self::said($visitor->get(self::SITE . '/a?do=untrack'))));
        self::assertSame(['a', 'index'], $this->tracker($visitor, '/a~b?do=untrack', 'after'));
    }

    /** @dataProvider servers */
    public function testAFrontControllerAndAScriptForEachPage(string $server): void
    {
        $visitor = new Browser(self::site($server)->url());
        $visitor->get('/tracker.php?do=set');
        $visitor->get('/tracker.php/a/b/');
        self::assertSame(['index', 'tracker.php/a/b', 'tracker.php'], $this->tracker($visitor, '/'));
        if ($server === 'built-in') {
            self::assertSame('rewritten/page', self::said($visitor->get('/tracked/rewritten/page'))['tracker'][0]);
            self::assertSame('index', self::said($visitor->get('/tracked/'))['tracker'][0]);
        }
    }

    public function testS25AVisitorWithoutASessionGetsNone(): void
    {
        $visitor = self::visitor();
        $response = $visitor->get(self::SITE . '/a');
        self::assertSame(['a'], self::said($response)['tracker'], 'where they are is known all the same');
        self::assertSame([], $response->cookies());
        $unknown = $visitor->getWithCookieHeader(self::SITE . '/b', 'holdfast=' . str_repeat('A', 43));
        self::assertSame(['b'], self::said($unknown)['tracker']);
        self::assertSame([], $unknown->cookies());
    }

    public function testAPageThatOnlyMakesItsSessionIsTracked(): void
    {
        $visitor = self::visitor();
        $visitor->get(self::SITE . '?do=set');
        $visitor->get(self::SITE . '/untouched?untouched=1');
        self::assertSame(['a', 'untouched', 'index'], $this->tracker($visitor, '/a'));
    }

    public function testRedirectsAndFormsAreTracked(): void
    {
        $visitor = self::visitor();
        $visitor->post(self::SITE . '/form?do=set', ['a' => 'b']);
        self::assertSame(302, $visitor->get(self::SITE . '/moved?do=redirect')->status);
        self::assertSame(['a', 'moved', 'form'], $this->tracker($visitor, '/a'));
    }

    public function testAClosedOrDestroyedSessionIsNotTracked(): void
    {
        $visitor = self::visitor();
        $visitor->get(self::SITE . '?do=set');
        $visitor->get(self::SITE . '/closed?do=close');
        self::assertSame(['a', 'index'], $this->tracker($visitor, '/a'));
        $response = $visitor->get(self::SITE . '/gone?do=destroy');
        self::assertTrue($response->cookies()[0]->isRemoval());
        self::assertSame(['b'], $this->tracker($visitor, '/b'));
    }

    public function testWhatTheApplicationHasInItsPlaceStays(): void
    {
        $visitor = self::visitor();
        $visitor->get(self::SITE . '?do=other');
        self::assertSame(['a'], $this->tracker($visitor, '/a'));
        self::assertSame('a text of the application', self::said($visitor->get('/read.php'))['data']['_tracker']);
    }

    /** On the built-in server: nginx would log once more what php-fpm logs. */
    public function testWhatGoesWrongIsToldOnceAndTheSessionIsSaved(): void
    {
        $visitor = new Browser(self::builtIn()->url());
        $visitor->get(self::SITE . '?do=set');
        $visitor->get(self::SITE . '/bad?do=set,unstorable');
        self::assertSame(1, substr_count(self::builtIn()->log(), "'bad' can't be stored"), self::builtIn()->log());
        $visitor->get(self::SITE . '/hooked?do=set,throw');
        self::assertStringContainsString(
            'session could not be saved: while its tracker was kept, a hook threw DomainException: too late',
            self::builtIn()->log()
        );
        self::assertSame(3, self::said($visitor->get('/read.php'))['data']['set']);
    }

    /** R07, for pages: all of them load the session before the first of them ends. */
    public function testParallelRequestsLoseNoPage(): void
    {
        $visitor = self::visitor();
        foreach (['?do=set', '/x', '/y', '/z', '/w'] as $page) {
            $visitor->get(self::SITE . $page);
        }
        $together = min(5, FpmBehindNginx::WORKERS);
        $directory = new TemporaryDirectory();
        try {
            $meeting = "do=set&all=$together&at=" . rawurlencode($directory->path);
            $path = static fn (int $n): string => self::SITE . "/page-$n?$meeting";
            foreach ($visitor->getTogether(array_map($path, range(1, $together))) as $response) {
                self::assertSame(['w', 'z', 'y', 'x'], array_slice(self::said($response)['tracker'], 1));
            }
        } finally {
            $directory->remove();
        }
        $tracker = self::said($visitor->get('/read.php'))['data']['_tracker'];
        sort($tracker);
        self::assertSame(['page-1', 'page-2', 'page-3', 'page-4', 'page-5'], $tracker);
    }

    public function testASessionThatDoesNotWantItHasNone(): void
    {
        $visitor = self::visitor();
        $off = 'options=' . rawurlencode('{"tracker":false}');
        self::assertSame([], $this->tracker($visitor, "?do=set&$off"));
        $commits = $this->commits();
        self::assertSame([], $this->tracker($visitor, "/a?$off"));
        self::assertSame($commits, $this->commits());
        self::assertArrayNotHasKey('_tracker', self::said($visitor->get('/read.php'))['data']);
    }

    /** @return list<string> */
    private function tracker(Browser $visitor, string $page, string $when = 'tracker'): array
    {
        return self::said($visitor->get(self::SITE . $page))[$when];
    }

    private function commits(): int
    {
        return self::said(self::visitor()->get('/figures.php'))['commits'];
    }
}
