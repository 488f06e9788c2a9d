<?php

declare(strict_types=1);

namespace Holdfast\Tests\Admin;

use Holdfast\Tests\HoldfastTestCase;

/**
 * Issue 9: what a site says of itself, and what the page says when its store is away.
 */
final class SiteOptionsTest extends HoldfastTestCase
{
    /**
     * The page as these options have it, with its status behind it.
     *
     * @param array<string, string> $query
     * @param array<string, string> $settings
     */
    private function page(string $options, array $query = [], array $settings = []): string
    {
        $page = var_export(dirname(__DIR__, 3) . '/php/admin/holdfast-admin.php', true);
        $query = var_export($query, true);
        $result = $this->cli($settings)->run(<<<PHP
            require $page;
            \$_GET = $query;
            Holdfast\\Admin\\Page::serve(['authorise' => fn (): bool => true] + $options);
            echo 'status ', http_response_code();
            PHP);
        self::assertSame('', $result->errors);
        return $result->output;
    }

    public function testLinksAndFormsKeepTheAddressOfTheSite(): void
    {
        $shown = $this->page("['url' => '/index.php?page=sessions&lang=de']", ['hf_view' => 'sessions', 'page' => 'other']);
        preg_match_all('/(?:href|action)="(\/[^"]*)"/', $shown, $found);
        self::assertGreaterThan(3, count($found[1]));
        foreach ($found[1] as $address) {
            self::assertStringStartsWith('/index.php', $address);
        }
        self::assertStringContainsString('href="/index.php?page=sessions&amp;lang=de&amp;hf_view=audit"', $shown);
        self::assertStringContainsString('<input type="hidden" name="page" value="sessions">', $shown);
        self::assertStringContainsString('<input type="hidden" name="lang" value="de">', $shown);
    }

    public function testTheTitleAndTheOperatorAreOnlyText(): void
    {
        $shown = $this->page("['title' => '<b>Shop</b>', 'actor' => fn (): string => '<i>ada</i>']");
        self::assertStringContainsString('&lt;b&gt;Shop', $shown);
        self::assertStringContainsString('&lt;i&gt;ada', $shown);
        self::assertStringNotContainsString('<b>Shop', $shown);
        self::assertStringNotContainsString('<i>ada', $shown);
    }

    public function testS29AStoreThatIsAwayIsSaidPlainlyAndWithoutItsPassword(): void
    {
        foreach (['', 'sessions', 'figures.json'] as $view) {
            $shown = $this->page('[]', ['hf_view' => $view], ['holdfast.store' => 'redis://:hunter2@127.0.0.1:1']);
            self::assertStringContainsString('The store can’t be used.', $shown, $view);
            self::assertStringEndsWith('status 503', $shown);
            self::assertStringNotContainsString('hunter2', $shown);
        }
    }

    public function testWhatTheAuditTrailIsIsSaid(): void
    {
        self::assertStringContainsString('No audit log is kept', $this->page('[]', ['hf_view' => 'audit']));
        $syslog = $this->page('[]', ['hf_view' => 'audit'], ['holdfast.audit' => 'syslog']);
        self::assertStringContainsString('The audit log goes to syslog', $syslog);
        $file = ['holdfast.audit' => $this->directory() . '/audit.log'];
        self::assertStringContainsString('Nothing has happened yet', $this->page('[]', ['hf_view' => 'audit'], $file));
    }

    public function testWhatEachProcessCountsForItselfIsNotShown(): void
    {
        self::assertStringContainsString('Throttled logins', $this->page('[]'));
        $shown = $this->page('[]', [], ['holdfast.store' => 'memory:']);
        self::assertStringNotContainsString('Throttled logins', $shown);
        self::assertStringContainsString('counted by each PHP worker for itself', $shown);
        self::assertStringContainsString('Records', $shown);
    }

    public function testAnEmptyStoreIsSaid(): void
    {
        self::assertStringContainsString('There are no sessions', $this->page('[]', ['hf_view' => 'sessions']));
    }
}
