<?php

declare(strict_types=1);

namespace Holdfast\Tests\ExpressionEngine;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Extension;
use Holdfast\Tests\Users\Databases\Connection;
use Holdfast\Tests\Users\Databases\Sqlite;
use Holdfast\Tests\Userdata\UserdataTestCase;
use ParseError;

/**
 * Each example of ExpressionEngine's User Guide, byte for byte, over HTTP with ee(): tests/php/site/guide.
 */
final class GuideExamplesTest extends UserdataTestCase
{
    private const PAGE = '/guide/index.php';

    protected static function settings(): array
    {
        $database = new Connection('sqlite::memory:', null, null, ['pdo_sqlite.so']);
        return ['holdfast.tracker' => 1, 'extension' => Extension::with(...$database->extensions())] + parent::settings();
    }

    /** All of them but the first are PHP as they stand there; that one lacks a semicolon, and nothing else of it is changed. */
    public function testTheyArePhpAsTheyStandThereButForOneSemicolon(): void
    {
        $examples = Guide::examples();
        self::assertCount(7, $examples);
        $broken = array_values(array_filter($examples, static fn (string $example): bool => !self::parses($example)));
        self::assertSame([Guide::example('function session_example()')], $broken);
        self::assertTrue(self::parses(Guide::sessionExample()));
        self::assertSame(str_replace(';', '', $broken[0]), str_replace(';', '', Guide::sessionExample()));
        self::assertSame(strlen($broken[0]) + 1, strlen(Guide::sessionExample()));
    }

    public function testSessionExampleLetsASuperadminGoOnAndNobodyElse(): void
    {
        $page = self::PAGE . '?example=session_example';
        self::assertSame('Not a Superadmin', self::visitor()->get($page)->body);
        foreach ([2, 3, 4, 5, 6, 17] as $group) {
            $this->members(['group_id' => $group, 'email' => 'alice@example.com']);
            self::assertSame('Not a Superadmin', $this->member()->get($page)->body, "group $group");
        }
        $this->members(['group_id' => 1, 'email' => 'alice@example.com']);
        $superadmin = $this->member();
        self::assertSame(['group_id' => 1, 'email' => 'alice@example.com'], self::said($superadmin->get($page))['asked']);
    }

    public function testGroupId(): void
    {
        $this->members(['group_id' => 6]);
        self::assertSame(['group_id' => 3], $this->page(self::visitor(), '$group_id'));
        self::assertSame(['group_id' => 6], $this->page($this->member(), '$group_id'));
    }

    public function testFlashDataForARedirect(): void
    {
        $visitor = self::visitor();
        $redirect = $visitor->get(self::PAGE . '?example=redirect');
        $there = self::PAGE . '?D=cp&C=addons_modules&M=show_module_cp&module=fortune';
        self::assertSame([302, [$there], ''], [$redirect->status, $redirect->header('Location'), $redirect->body]);
        self::assertSame(['message' => 'Entry Deleted!'], self::said($visitor->get($there)), 'on the new page');
        self::assertSame(['message' => false], self::said($visitor->get($there)), 'and only there');
        self::assertSame(['message' => false], self::said(self::visitor()->get($there)), 'another visitor');
    }

    /** "No matter how many times this method is called on a given page load ... the query and loading of the array occurs only once." */
    public function testTheCacheSavesQueries(): void
    {
        if (Sqlite::lacks() !== null) {
            self::markTestSkipped('Here lacks ' . Sqlite::lacks() . ': scripts/install-dependencies test');
        }
        $visitor = self::visitor();
        foreach ([[1, [3, 5]], [2, [3, 5]], [20, [3, 5]], [3, [8]]] as [$times, $admins]) {
            $query = ['times' => $times, 'admins' => json_encode($admins)];
            self::assertSame(['cached' => $admins, 'queries' => 1], $this->page($visitor, 'super_class', $query));
        }
        self::assertSame(
            ['cached' => false, 'queries' => 3],
            $this->page($visitor, 'super_class', ['times' => 3, 'admins' => '[]']),
            'the example keeps nothing of no rows'
        );
    }

    public function testSetCacheAndCache(): void
    {
        $visitor = self::visitor();
        self::assertSame(['same' => true], $this->page($visitor, 'set_cache'));
        self::assertSame(['value' => false], $this->page($visitor, 'cache'), 'another page load');
    }

    public function testTracker(): void
    {
        $visitor = self::visitor();
        $visitor->get(self::PAGE . '?begin=1');
        $visitor->get(self::PAGE . '/channel/comments/');
        self::assertSame(
            ['current_page' => 'site/about', 'last_page' => 'channel/comments', 'two_pages_ago' => 'index'],
            self::said($visitor->get(self::PAGE . '/site/about?example=tracker'))
        );
    }

    /**
     * @param array<string, string|int> $query
     * @return array<string, mixed>
     */
    private function page(Browser $visitor, string $example, array $query = []): array
    {
        return self::said($visitor->get(self::PAGE . '?' . http_build_query(['example' => $example] + $query)));
    }

    private static function parses(string $code): bool
    {
        try {
            token_get_all("<?php\n$code", TOKEN_PARSE);
            return true;
        } catch (ParseError) {
            return false;
        }
    }
}
