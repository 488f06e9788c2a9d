<?php

declare(strict_types=1);

namespace Holdfast\Tests\Notices;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Server\SiteTestCase;

/**
 * S42, S25: where there are no notices, showing them costs nothing.
 */
final class NothingToShowTest extends SiteTestCase
{
    private const SHOW_ALL = '/notices.php?show=messages,errors,warnings';
    private const CLEAR = '/notices.php?clear=clearNotices';

    /** @dataProvider servers */
    public function testS25AVisitorWithoutASessionGetsNone(string $server): void
    {
        $visitor = new Browser(self::site($server)->url());
        $this->costsNothing($visitor);
        self::assertSame([], $visitor->cookies);
    }

    public function testS42NothingIsWrittenForAVisitorWithASession(): void
    {
        $visitor = self::visitor();
        $visitor->get('/count.php');
        $this->costsNothing($visitor);
        self::said($visitor->get('/notices.php?message[]=x'));
        self::assertSame(['x'], self::said($visitor->get(self::SHOW_ALL))['shown']);
        $this->costsNothing($visitor);
    }

    private function costsNothing(Browser $visitor): void
    {
        $before = self::figures();
        foreach ([self::SHOW_ALL, self::CLEAR] as $page) {
            $response = $visitor->get($page);
            self::assertSame([], self::said($response)['shown']);
            self::assertSame([], $response->cookies());
            self::assertSame($before, self::figures(), $page);
        }
    }

    /** @return array<string, int> */
    private static function figures(): array
    {
        return self::said(self::visitor()->get('/figures.php'));
    }
}
