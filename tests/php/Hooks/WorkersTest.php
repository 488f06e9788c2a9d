<?php

declare(strict_types=1);

namespace Holdfast\Tests\Hooks;

use Holdfast\Tests\Server\SiteTestCase;

/**
 * Issue 4, item 7: hooks in workers that serve one request after the other.
 */
final class WorkersTest extends SiteTestCase
{
    /** @dataProvider servers */
    public function testHooksEndWithTheirRequest(string $server): void
    {
        $site = self::site($server);
        for ($request = 0; $request < 12; ++$request) {
            $visitor = new \Holdfast\Tests\Browser\Browser($site->url());
            $hooked = self::said($visitor->get('/hooked.php?hook=1'));
            self::assertSame(['init', 'changed n'], $hooked['calls']);
            self::assertSame(['calls' => [], 'n' => 2, 'hooks' => 0], self::said($visitor->get('/hooked.php')));
        }
    }

    /** A hook that exits, as redirect() does, ends the script; what was changed before is saved. */
    public function testAHookThatExits(): void
    {
        $visitor = self::visitor();
        self::said($visitor->get('/hooked.php'));
        $response = $visitor->get('/hooked.php?hook=1&exit=1');
        self::assertSame(303, $response->status);
        self::assertSame(['/elsewhere'], $response->header('Location'));
        self::assertSame(['calls' => [], 'n' => 3, 'hooks' => 0], self::said($visitor->get('/hooked.php')));
    }
}
