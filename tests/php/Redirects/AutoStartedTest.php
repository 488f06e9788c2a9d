<?php

declare(strict_types=1);

namespace Holdfast\Tests\Redirects;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Server\SiteTestCase;

/**
 * Issue 4: `$session->redirect()` in a script whose `$session` was there from the start.
 */
final class AutoStartedTest extends SiteTestCase
{
    protected static function settings(): array
    {
        return ['holdfast.auto_start' => 1];
    }

    /** @dataProvider servers */
    public function testItRedirectsAndKeepsTheSession(string $server): void
    {
        $visitor = new Browser(self::site($server)->url());
        $response = $visitor->get('/redirect.php?in=' . rawurlencode('a function'));
        self::assertSame([302, ['/arrived.php']], [$response->status, $response->header('Location')], (string) $response);
        self::assertSame(['queued'], self::said($visitor->get('/notices.php?show=messages'))['shown']);
    }
}
