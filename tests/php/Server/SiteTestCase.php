<?php

declare(strict_types=1);

namespace Holdfast\Tests\Server;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\Response;
use Holdfast\Tests\TemporaryDirectory;
use PHPUnit\Framework\TestCase;
use Throwable;

/**
 * Tests over a site that is served for the whole class, with a store of its own.
 */
abstract class SiteTestCase extends TestCase
{
    /** @var array<string, Site> by the name of the server */
    private static array $sites = [];
    private static ?TemporaryDirectory $directory = null;

    public static function tearDownAfterClass(): void
    {
        foreach (self::$sites as $site) {
            $site->stop();
        }
        self::$sites = [];
        self::$directory?->remove();
        self::$directory = null;
    }

    /** What the servers logged belongs to the failure. */
    protected function onNotSuccessfulTest(Throwable $failure): void
    {
        foreach (self::$sites as $name => $site) {
            fwrite(STDERR, "\n=== log of $name, for " . $this->getName() . "\n" . $site->log() . "\n");
        }
        parent::onNotSuccessfulTest($failure);
    }

    /** @return array<string, string|int|list<string>> the settings of this class's sites */
    protected static function settings(): array
    {
        return [];
    }

    protected static function fpm(): FpmBehindNginx
    {
        $site = self::$sites['php-fpm'] ??= new FpmBehindNginx(self::settingsWithStore());
        \assert($site instanceof FpmBehindNginx);
        return $site;
    }

    protected static function builtIn(): BuiltInServer
    {
        $site = self::$sites['the built-in server'] ??= new BuiltInServer(self::settingsWithStore());
        \assert($site instanceof BuiltInServer);
        return $site;
    }

    protected static function site(string $name): Site
    {
        return $name === 'php-fpm' ? self::fpm() : self::builtIn();
    }

    /** @return array<string, array{string}> */
    public static function servers(): array
    {
        return ['the built-in server' => ['built-in'], 'php-fpm' => ['php-fpm']];
    }

    /** A visitor who has never been here. */
    protected static function visitor(): Browser
    {
        return new Browser(self::fpm()->url());
    }

    /** @return array<string, mixed> what a page of the site says in JSON */
    protected static function said(Response $response): array
    {
        self::assertTrue($response->isAcknowledged(), (string) $response);
        $said = json_decode($response->body, true);
        self::assertIsArray($said, (string) $response);
        return $said;
    }

    /** @return array<string, string|int|list<string>> */
    private static function settingsWithStore(): array
    {
        self::$directory ??= new TemporaryDirectory();
        return static::settings() + ['holdfast.store' => 'shared://' . self::$directory->path . '/sessions?size=32M'];
    }
}
