<?php

declare(strict_types=1);

namespace Holdfast\Tests\Redirects;

use Holdfast\Tests\Server\SiteTestCase;

/**
 * Issue 4: `redirect($url, $status = 302)`: true and false, 301 to 308, anything else is 302.
 */
final class StatusTest extends SiteTestCase
{
    /** @dataProvider statuses */
    public function testARedirectHasTheStatus(string $given, int $expected): void
    {
        foreach (['redirect', 'location'] as $method) {
            $response = self::visitor()->get("/redirect.php?method=$method&status=" . rawurlencode($given));
            self::assertSame($expected, $response->status, "$method, $given");
            self::assertSame(['/arrived.php'], $response->header('Location'));
        }
    }

    /** @return iterable<string, array{string, int}> */
    public static function statuses(): iterable
    {
        $expected = [
            'true' => 301, 'false' => 302,
            '301' => 301, '302' => 302, '303' => 303, '307' => 307, '308' => 308,
            '"301"' => 301, '"308"' => 308,
            '300' => 302, '304' => 302, '305' => 302, '306' => 302, '309' => 302,
            '200' => 302, '404' => 302, '999' => 302, '0' => 302, '-301' => 302, '65837' => 302,
            '"see other"' => 302, '""' => 302, 'null' => 302, '301.5' => 302, '[301]' => 302,
        ];
        foreach ($expected as $given => $status) {
            yield (string) $given => [(string) $given, $status];
        }
    }

    /** @dataProvider servers */
    public function testTheDefaultIs302AlsoForAPost(string $server): void
    {
        $visitor = new \Holdfast\Tests\Browser\Browser(self::site($server)->url());
        self::assertSame(302, $visitor->get('/redirect.php')->status);
        self::assertSame(302, $visitor->post('/redirect.php', ['a' => 'b'])->status);
    }
}
