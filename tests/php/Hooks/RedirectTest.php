<?php

declare(strict_types=1);

namespace Holdfast\Tests\Hooks;

use Holdfast\Tests\Server\SiteTestCase;

/**
 * Issue 4, item 7: `redirect()` can be hooked, by its own name and from `location()`.
 */
final class RedirectTest extends SiteTestCase
{
    /** @dataProvider methods */
    public function testAHookChangesWhereItGoes(string $method): void
    {
        $response = self::visitor()->get("/redirect-hooked.php?how=url&by=$method");
        self::assertSame([307, ['/hook?from=/asked']], [$response->status, $response->header('Location')]);
        self::assertSame([], $response->header('X-After'), 'the script ends in the method');
    }

    /**
     * S41: what a hook asks for is checked as what anybody asks for.
     *
     * @dataProvider methods
     */
    public function testS41AHookLeadsToOtherSitesAsLittle(string $method): void
    {
        foreach (['foreign', 'none'] as $how) {
            $response = self::visitor()->get("/redirect-hooked.php?how=$how&by=$method");
            self::assertSame(['said' => 'Holdfast\Exception\InvalidArgument'], self::said($response), $how);
            self::assertSame([], $response->header('Location'));
        }
    }

    /** @dataProvider methods */
    public function testWhereAHookReplacesItTheScriptGoesOn(string $method): void
    {
        $response = self::visitor()->get("/redirect-hooked.php?how=replace&by=$method");
        self::assertSame(['said' => 'stayed here'], self::said($response));
        self::assertSame([[], ['"stayed here"']], [$response->header('Location'), $response->header('X-After')]);
    }

    /** @dataProvider methods */
    public function testWhereAHookCancelsItTheScriptGoesOn(string $method): void
    {
        $response = self::visitor()->get("/redirect-hooked.php?how=cancel&by=$method");
        self::assertSame(['said' => null], self::said($response));
        self::assertSame([[], []], [$response->header('Location'), $response->header('X-After')]);
    }

    /** @dataProvider methods */
    public function testASubclassIsAsked(string $method): void
    {
        $response = self::visitor()->get("/redirect-hooked.php?how=subclass&by=$method");
        self::assertSame([303, ['/subclass?from=/asked']], [$response->status, $response->header('Location')]);
    }

    /** @return array<string, array{string}> */
    public static function methods(): array
    {
        return ['redirect' => ['redirect'], 'location' => ['location']];
    }
}
