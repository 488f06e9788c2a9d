<?php

declare(strict_types=1);

namespace Holdfast\Tests\Redirects;

use Holdfast\Exception\InvalidState;
use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\Crowd;
use Holdfast\Tests\Browser\Request;
use Holdfast\Tests\Browser\Response;
use Holdfast\Tests\Server\Site;
use Holdfast\Tests\Server\SiteTestCase;
use Holdfast\Tests\TemporaryDirectory;

/**
 * Issue 4: a redirect ends the script like exit: shutdown functions, destructors, output buffers and the commit run; what
 * was queued and set survives.
 */
final class EndOfScriptTest extends SiteTestCase
{
    /** @dataProvider servers */
    public function testS41SessionAndNoticesSurviveWhateverRunsAtTheEnd(string $server): void
    {
        $visitor = new Browser(self::site($server)->url());
        $response = $visitor->get('/redirect.php?in=' . rawurlencode('a function'));
        $this->assertRedirects($response);
        self::assertCount(1, $response->cookies(), 'one Set-Cookie');
        self::assertSame(
            ['before' => true, 'destructor' => true, 'shutdown' => true],
            array_diff_key(self::said($visitor->get('/read.php'))['data'], ['_notices' => 1])
        );
        self::assertSame(['queued'], self::said($visitor->get('/notices.php?show=messages'))['shown']);
    }

    /** @dataProvider situations */
    public function testItEndsTheScript(string $situation, string $body): void
    {
        $response = self::visitor()->get('/redirect.php?in=' . rawurlencode($situation));
        $this->assertRedirects($response, $body);
    }

    /** @return array<string, array{string, string}> */
    public static function situations(): array
    {
        return [
            'it replaces the headers of other redirects, and another status' => ['a page with other headers', ''],
            'what is buffered is sent, as by exit' => ['an output buffer', 'buffered'],
            'in a shutdown function' => ['a shutdown function', ''],
            'in a destructor' => ['a destructor', ''],
        ];
    }

    /** As with PHP's own exit, which no catch and no finally sees. */
    public function testNoCatchAndNoFinallyRuns(): void
    {
        $visitor = self::visitor();
        $this->assertRedirects($visitor->get('/redirect.php?in=' . rawurlencode('a loop with finally')));
        self::assertSame(['turn' => 1], self::said($visitor->get('/read.php'))['data']);
    }

    public function testInAnUpdateNothingIsUpdatedAndTheLockIsFree(): void
    {
        $visitor = self::visitor();
        $visitor->get('/count.php');
        // The lock of a session is waited for; without that a lock that is kept is an error at once.
        $options = '&options=' . rawurlencode('{"lock_wait":0}');
        $this->assertRedirects($visitor->get('/redirect.php?in=' . rawurlencode('an update') . $options));
        $this->assertRedirects($visitor->get('/redirect.php?in=' . rawurlencode('an update') . $options));
        self::assertSame(['views' => 1, 'beside' => true], self::said($visitor->get('/read.php'))['data']);
    }

    public function testAfterOutputItIsAnErrorThatNamesTheOutputAndThePageGoesOn(): void
    {
        $response = self::visitor()->get('/redirect.php?in=' . rawurlencode('a page that has sent output'));
        self::assertSame(200, $response->status);
        self::assertSame([], $response->header('Location'));
        $lines = array_map('trim', file(Site::PAGES . '/redirect.php') ?: []);
        $line = array_search("echo 'output';", $lines, true) + 1;
        self::assertMatchesRegularExpression(
            '~^output' . preg_quote(InvalidState::class, '~') . ": .*headers already sent by \\(output started at .*/redirect\\.php:$line\\) and the page goes on$~",
            $response->body
        );
    }

    /** The browser asks for the next page before this script has ended: it finds what was saved. */
    public function testR01TheNextPageSeesTheSessionAsSoonAsTheRedirectIsSent(): void
    {
        $directory = new TemporaryDirectory();
        try {
            $visitor = self::visitor();
            $visitor->get('/count.php');
            [$begun, $until] = [rawurlencode("$directory->path/begun"), rawurlencode("$directory->path/until")];
            $shown = null;
            $goesAway = static function () use ($visitor, $begun, $until): iterable {
                yield [$visitor, new Request('/redirect.php?in=' . rawurlencode('an answer that is slow to end') . "&begun=$begun&until=$until")];
            };
            $comes = static function () use ($visitor, $begun, $until, &$shown): iterable {
                $shown = yield [$visitor, new Request("/notices.php?after=$begun&show=messages&done=$until")];
            };
            Crowd::run([$goesAway(), $comes()]);
            \assert($shown instanceof Response);
            self::assertSame(['quick'], self::said($shown)['shown']);
        } finally {
            $directory->remove();
        }
    }

    public function testASubclassThatOverridesRedirectAnswersForLocation(): void
    {
        $response = self::visitor()->get('/redirect.php?in=' . rawurlencode('a subclass'));
        self::assertSame([303, ['/arrived.php?by=subclass']], [$response->status, $response->header('Location')]);
    }

    private function assertRedirects(Response $response, string $body = ''): void
    {
        self::assertSame(302, $response->status, (string) $response);
        self::assertSame(['/arrived.php'], $response->header('Location'));
        self::assertSame($body, $response->body);
    }
}
