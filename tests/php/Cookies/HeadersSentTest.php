<?php

declare(strict_types=1);

namespace Holdfast\Tests\Cookies;

use Holdfast\Tests\Server\SiteTestCase;
use Holdfast\Tests\Server\Site;

/**
 * Issue 2: "headers already sent by file:line", in PHP's own words.
 */
final class HeadersSentTest extends SiteTestCase
{
    public function testAFirstWriteAfterOutputWarnsWithFileAndLine(): void
    {
        $response = self::visitor()->get('/late.php');
        self::assertSame([], $response->cookies());
        $this->assertNamesTheOutput($response->body);
    }

    public function testAReturningVisitorMayWriteLate(): void
    {
        $visitor = self::visitor();
        $visitor->get('/count.php');
        self::assertSame('outputthe end', $visitor->get('/late.php')->body);
        self::assertTrue(self::said($visitor->get('/read.php'))['data']['late']);
    }

    public function testRegenerateAfterOutputKeepsTheId(): void
    {
        $visitor = self::visitor();
        $id = self::said($visitor->get('/count.php'))['id'];
        $response = $visitor->get('/late.php?do=regenerate');
        self::assertStringContainsString('false', $response->body);
        $this->assertNamesTheOutput($response->body);
        $after = self::said($visitor->get('/read.php'));
        self::assertSame($id, $after['id']);
        self::assertSame(['views' => 1], $after['data']);
    }

    private function assertNamesTheOutput(string $body): void
    {
        $lines = file(Site::PAGES . '/late.php', FILE_IGNORE_NEW_LINES) ?: [];
        $line = array_search("echo 'output';", $lines, true) + 1;
        self::assertMatchesRegularExpression("~headers already sent by \\(output started at .*/late\\.php:$line\\)~", $body);
    }
}
