<?php

declare(strict_types=1);

namespace Holdfast\Tests\Cookies;

use Holdfast\Tests\Server\SiteTestCase;

/**
 * S21: at most one Set-Cookie per response, none when nothing changed.
 * S25: no cookie and no record before the first real write; once a cookie is sent, the id stays.
 */
final class OneCookieTest extends SiteTestCase
{
    public function testReadingSendsNoCookie(): void
    {
        $visitor = self::visitor();
        foreach (['/without.php', '/read.php', '/steps.php?do=read,unset-missing,save,close,start'] as $page) {
            $response = $visitor->get($page);
            self::assertTrue($response->isAcknowledged(), (string) $response);
            self::assertSame([], $response->cookies(), $page);
        }
        self::assertSame('', self::said($visitor->get('/read.php'))['id']);
    }

    public function testTheFirstWriteSendsItAndNoLaterOneDoes(): void
    {
        $visitor = self::visitor();
        $first = $visitor->get('/count.php');
        self::assertCount(1, $first->cookies());
        self::assertSame(self::said($first)['id'], $visitor->cookies['holdfast']);
        for ($view = 2; $view <= 5; ++$view) {
            $next = $visitor->get('/count.php');
            self::assertSame($view, self::said($next)['views']);
            self::assertSame([], $next->cookies());
        }
    }

    public function testTheIdStaysWhenTheSessionBecomesEmpty(): void
    {
        $visitor = self::visitor();
        $id = self::said($visitor->get('/steps.php?do=set'))['id'];
        self::assertSame([], $visitor->get('/steps.php?do=unset')->cookies());
        self::assertSame([], $visitor->get('/read.php')->cookies());
        $again = $visitor->get('/steps.php?do=set');
        self::assertSame([], $again->cookies());
        self::assertSame($id, self::said($again)['id']);
    }

    /** @dataProvider sequences */
    public function testAtMostOne(string $steps, bool $returning): void
    {
        $visitor = self::visitor();
        if ($returning) {
            $visitor->get('/count.php');
        }
        $response = $visitor->get("/steps.php?do=$steps");
        $said = self::said($response);
        self::assertLessThanOrEqual(1, count($response->cookies()), (string) $response);
        // What the browser holds now is what the page saw last.
        self::assertSame($said['id'], $visitor->cookies['holdfast'] ?? '');
        self::assertSame($said['data'], self::said($visitor->get('/read.php'))['data']);
    }

    /** @return iterable<string, array{string, bool}> */
    public static function sequences(): iterable
    {
        $sequences = [
            'set', 'set,set,save,set', 'set,regenerate', 'regenerate,regenerate', 'set,destroy', 'destroy',
            'destroy,set', 'set,regenerate,destroy,start,set', 'regenerate,set,destroy,set,regenerate',
            'set,close,start,set', 'set,another,set,current,set', 'destroy,destroy',
        ];
        foreach ($sequences as $sequence) {
            yield "$sequence, a new visitor" => [$sequence, false];
            yield "$sequence, a returning visitor" => [$sequence, true];
        }
    }

    public function testOtherCookiesOfThePageAreLeftAlone(): void
    {
        $response = self::visitor()->get('/own-cookies.php');
        $names = array_map(static fn ($cookie) => $cookie->name, $response->cookies());
        sort($names);
        self::assertSame(['holdfast', 'holdfast2', 'own'], $names, (string) $response);
    }

    public function testRegenerateOverHttp(): void
    {
        $visitor = self::visitor();
        $old = self::said($visitor->get('/count.php'))['id'];
        $response = $visitor->get('/steps.php?do=regenerate');
        self::assertCount(1, $response->cookies());
        $new = self::said($response)['id'];
        self::assertNotSame($old, $new);
        self::assertSame(['views' => 1], self::said($visitor->get('/read.php'))['data']);

        // S07: a request that was on its way with the old id sees the session and gets the new cookie again.
        $late = $visitor->getWithCookieHeader('/read.php', "holdfast=$old");
        self::assertSame(['views' => 1], self::said($late)['data']);
        self::assertSame([$new], array_map(static fn ($cookie) => $cookie->value, $late->cookies()));
    }
}
