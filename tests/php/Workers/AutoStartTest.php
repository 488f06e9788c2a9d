<?php

declare(strict_types=1);

namespace Holdfast\Tests\Workers;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Server\SiteTestCase;

/**
 * Issue 2: `holdfast.auto_start = 1` gives every template a `$session`.
 */
final class AutoStartTest extends SiteTestCase
{
    protected static function settings(): array
    {
        return ['holdfast.auto_start' => 1];
    }

    /** @dataProvider servers */
    public function testEveryTemplateHasASession(string $server): void
    {
        $visitor = new Browser(self::site($server)->url());
        $first = $visitor->get('/auto-start.php');
        self::assertSame(['class' => 'Holdfast\Session', 'set' => null, 'same' => true], self::said($first));
        self::assertSame([], $first->cookies(), 'S25: unused, it sends no cookie');
        self::assertSame('here', self::said($visitor->get('/auto-start.php?set=here'))['set']);
        self::assertSame('here', self::said($visitor->get('/auto-start.php'))['set']);
    }

    /** @dataProvider servers */
    public function testAPageWithoutSessionsIsAsItWas(string $server): void
    {
        $response = (new Browser(self::site($server)->url()))->get('/without.php');
        self::assertSame('plain', $response->body);
        self::assertSame([], $response->cookies());
    }
}
