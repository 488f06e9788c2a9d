<?php

declare(strict_types=1);

namespace Holdfast\Tests\Hooks;

use Holdfast\Tests\Server\SiteTestCase;

/**
 * Issue 4, item 7: hooks that run when the script is over, because the session changes itself then. Nothing that they do
 * keeps the session from being saved.
 */
final class EndOfRequestTest extends SiteTestCase
{
    /** @return array<string, string|int> */
    protected static function settings(): array
    {
        return ['holdfast.history' => 5, 'display_errors' => '0', 'log_errors' => 1];
    }

    /** @dataProvider ways */
    public function testTheSessionIsSaved(string $how, bool $isKept): void
    {
        $visitor = self::visitor();
        self::said($visitor->get('/hooked-late.php?n=1&how=tell'));
        self::said($visitor->get("/hooked-late.php?n=2&how=$how"));
        self::assertSame(
            ['n' => ['n' => 2, 'told' => '_user of Holdfast\Session'], 'pages' => $isKept ? 2 : 1],
            self::said($visitor->get('/hooked-late.php?n=3&how=tell'))
        );
    }

    /** @return array<string, array{string, bool}> */
    public static function ways(): array
    {
        return ['a hook that returns' => ['tell', true], 'one that throws' => ['throw', false], 'one that exits' => ['exit', false]];
    }

    /** @dataProvider failures */
    public function testTheLogSaysWhatAHookDid(string $how, string $text): void
    {
        self::said(self::visitor()->get("/hooked-late.php?n=1&how=$how"));
        self::assertStringContainsString("session could not be saved: while its history was kept, a hook $text", self::fpm()->log());
    }

    /** @return array<string, array{string, string}> */
    public static function failures(): array
    {
        return ['an exception' => ['throw', 'threw DomainException: too late'], 'exit' => ['exit', 'called exit']];
    }
}
