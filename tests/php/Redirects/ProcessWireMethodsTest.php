<?php

declare(strict_types=1);

namespace Holdfast\Tests\Redirects;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Server\SiteTestCase;

/**
 * Issue 4: each of ProcessWire's methods for redirects and notices, and `maintenance`, over HTTP.
 */
final class ProcessWireMethodsTest extends SiteTestCase
{
    protected static function settings(): array
    {
        return ['holdfast.history' => 5];
    }

    /** @dataProvider servers */
    public function testRedirect(string $server): void
    {
        $response = self::browser($server)->get('/redirect.php?url=/thank-you/');
        self::assertSame([302, ['/thank-you/'], ''], [$response->status, $response->header('Location'), $response->body]);
    }

    /** @dataProvider servers */
    public function testLocation(string $server): void
    {
        $response = self::browser($server)->get('/redirect.php?method=location&url=/thank-you/&status=303');
        self::assertSame([303, ['/thank-you/'], ''], [$response->status, $response->header('Location'), $response->body]);
    }

    /** @dataProvider servers */
    public function testRedirectUrl(string $server): void
    {
        $visitor = self::browser($server);
        self::assertSame(200, $visitor->get('/redirect.php?method=redirectUrl&url=/members/')->status);
        $response = $visitor->get('/redirect.php?in=' . rawurlencode('the page after login'));
        self::assertSame([302, ['/members/']], [$response->status, $response->header('Location')]);
    }

    /** @dataProvider servers */
    public function testMessageAndMessages(string $server): void
    {
        $this->isShownOnce(self::browser($server), 'message', 'messages');
    }

    /** @dataProvider servers */
    public function testErrorAndErrors(string $server): void
    {
        $this->isShownOnce(self::browser($server), 'error', 'errors');
    }

    /** @dataProvider servers */
    public function testWarningAndWarnings(string $server): void
    {
        $this->isShownOnce(self::browser($server), 'warning', 'warnings');
    }

    /** @dataProvider servers */
    public function testClearNoticesAndRemoveNotices(string $server): void
    {
        foreach (['clearNotices', 'removeNotices'] as $method) {
            $visitor = self::browser($server);
            self::said($visitor->get('/notices.php?message[]=m&error[]=e&warning[]=w'));
            self::said($visitor->get("/notices.php?clear=$method"));
            self::assertSame([], self::said($visitor->get('/notices.php?show=messages,errors,warnings'))['shown']);
        }
    }

    /** @dataProvider servers */
    public function testMaintenanceAndGetHistory(string $server): void
    {
        $visitor = self::browser($server);
        self::assertSame([1], self::said($visitor->get('/history.php?do=set,maintenance,look'))['recorded']);
        $history = self::said($visitor->get('/history.php'))['history'];
        self::assertSame([self::site($server)->url() . '/history.php'], array_column($history, 'url'));
    }

    private function isShownOnce(Browser $visitor, string $queue, string $list): void
    {
        self::said($visitor->get("/notices.php?{$queue}[]=first&{$queue}[]=second"));
        self::assertSame(['first', 'second'], self::said($visitor->get("/notices.php?look=$list"))['shown'], 'false: they stay');
        self::assertSame(['first', 'second'], self::said($visitor->get("/notices.php?show=$list"))['shown']);
        self::assertSame([], self::said($visitor->get("/notices.php?show=$list"))['shown']);
    }

    private static function browser(string $server): Browser
    {
        return new Browser(self::site($server)->url());
    }
}
