<?php

declare(strict_types=1);

namespace Holdfast\Tests\ProcessWireModule;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\Request;
use Holdfast\Tests\Browser\Response;
use Holdfast\Tests\Users\Databases\MariaDb;
use PHPUnit\Framework\TestCase;
use Throwable;

/**
 * Tests over a site of ProcessWire with the module, for the whole class.
 */
abstract class ModuleTestCase extends TestCase
{
    private static ?MariaDb $database = null;
    private static ?ProcessWireSite $site = null;

    public static function setUpBeforeClass(): void
    {
        $lacks = ProcessWireSource::lacks() ?? MariaDb::lacks();
        if ($lacks !== null) {
            self::markTestSkipped("Here lacks $lacks.");
        }
        self::$database = MariaDb::start();
        self::$site = new ProcessWireSite(self::$database->fresh());
        self::$site->bringModule();
    }

    public static function tearDownAfterClass(): void
    {
        self::$site?->stop();
        self::$database?->stop();
        self::$site = self::$database = null;
    }

    /** What the site logged belongs to the failure. */
    protected function onNotSuccessfulTest(Throwable $failure): void
    {
        fwrite(STDERR, "\n=== log of the site, for " . $this->getName() . "\n" . self::$site?->log() . "\n");
        parent::onNotSuccessfulTest($failure);
    }

    protected static function site(): ProcessWireSite
    {
        \assert(self::$site !== null);
        return self::$site;
    }

    protected static function visitor(string $agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'): Visitor
    {
        return new Visitor(new Browser(self::site()->url()), $agent);
    }

    /** Somebody who has logged in by the admin's form. */
    protected static function member(string $name = ProcessWireSite::ADMIN): Visitor
    {
        self::site()->forgetLoginAttempts();
        $member = self::visitor();
        $answer = $member->logIn($name);
        self::assertSame(302, $answer->status, (string) $answer);
        self::assertTrue($member->isIn(), "$name is logged in");
        return $member;
    }

    /** The superuser, after the module was installed from the modules page if it was not yet. */
    protected static function adminWithModule(): Visitor
    {
        $admin = self::member();
        if (!self::isInstalled()) {
            $answer = $admin->press(ProcessWireSite::BACK . 'module/', ['reset' => '1']);
            self::assertStringContainsString('SessionHoldfast', $admin->page(ProcessWireSite::BACK . 'module/')->body);
            $answer = $admin->press(ProcessWireSite::BACK . 'module/', ['install' => 'SessionHoldfast']);
            self::assertTrue(self::isInstalled(), (string) $answer);
            // Who was logged in before has a session that Holdfast does not know to be theirs.
            $admin = self::member();
        }
        return $admin;
    }

    protected static function isInstalled(): bool
    {
        return self::site()->pdo()->query("SELECT 1 FROM modules WHERE class = 'SessionHoldfast'")->fetchColumn() !== false;
    }

    /** @return array<string, mixed> what a page of the site says in JSON */
    protected static function said(Response $response): array
    {
        self::assertTrue($response->isAcknowledged(), (string) $response);
        $said = json_decode($response->body, true);
        self::assertIsArray($said, (string) $response);
        return $said;
    }
}
