<?php

declare(strict_types=1);

namespace Holdfast\Tests\Life;

use Holdfast\Tests\Browser\Response;
use Holdfast\Tests\Server\SiteTestCase;
use Holdfast\Tests\Wait;

/**
 * S14: with a renewal interval the id changes in the midst of a session, and nothing else does.
 */
final class RenewalTest extends SiteTestCase
{
    protected static function settings(): array
    {
        return [
            'holdfast.renewal_interval' => 1,
            'session.save_handler' => 'holdfast',
            'session.serialize_handler' => 'holdfast',
        ];
    }

    /** @return array<string, array{string, string}> */
    public static function faces(): array
    {
        return ['Session' => ['/count.php', 'holdfast'], '$_SESSION' => ['/superglobal-count.php', 'PHPSESSID']];
    }

    /** @dataProvider faces */
    public function testTheIdChangesAndTheDataStays(string $page, string $cookie): void
    {
        $visitor = self::visitor();
        $first = self::said($visitor->get($page));
        $views = 1;
        $changed = null;
        Wait::until(function () use ($visitor, $page, $first, &$views, &$changed): bool {
            $response = $visitor->get($page);
            self::assertSame(++$views, self::said($response)['views']);
            $changed = self::said($response)['id'] === $first['id'] ? null : $response;
            return $changed !== null;
        }, 'another id', static fn (): string => (string) $changed);
        self::assertInstanceOf(Response::class, $changed);
        self::assertCount(1, $changed->cookies());
        self::assertSame(self::said($changed)['id'], $visitor->cookies[$cookie]);

        // A request that was on its way with the old id is the same visitor's.
        $late = self::said($visitor->getWithCookieHeader($page, "$cookie={$first['id']}"));
        self::assertSame($views + 1, $late['views']);
        self::assertNotSame($first['id'], $late['id']);
    }
}
