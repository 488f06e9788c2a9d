<?php

declare(strict_types=1);

namespace Holdfast\Tests\SaveHandler;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\Response;
use Holdfast\Tests\HoldfastTestCase;
use Holdfast\Tests\Server\BuiltInServer;

/**
 * S27: a store that fails is never an unknown id: session_start() fails with a warning, there is no new id and no
 * Set-Cookie, and after the repair the same cookie works.
 */
final class EngineFailureTest extends HoldfastTestCase
{
    private const SETTINGS = ['session.save_handler' => 'holdfast', 'session.serialize_handler' => 'holdfast'];

    /** @dataProvider failures */
    public function testTheSameCookieWorksAfterTheRepair(string $failure, int $strict): void
    {
        if ($failure === 'another owner' && posix_geteuid() !== 0) {
            self::markTestSkipped('only root can give a file away');
        }
        $directory = $this->directory();
        $store = "$directory/sessions";
        $settings = ['session.use_strict_mode' => $strict, 'holdfast.store' => $this->store()];
        $cookies = [];
        $written = $this->visit($cookies, '/show.php?set=' . rawurlencode('{"user":"anna"}'), $settings);
        self::assertTrue($this->said($written)['started']);
        self::assertArrayHasKey('PHPSESSID', $cookies);
        $id = $cookies['PHPSESSID'];

        [$break, $repair, $more] = $this->ways($store)[$failure];
        $break();
        foreach (['/show.php', '/show.php?set=' . rawurlencode('{"user":"eve"}'), '/show.php?do=close,start'] as $page) {
            $response = $this->visit($cookies, $page, $more + $settings);
            $said = $this->said($response);
            self::assertFalse($said['started'], (string) $response);
            self::assertNotSame([], $said['warnings']);
            self::assertStringNotContainsString($id, implode($said['warnings']), 'S29');
            self::assertSame([], $response->cookies(), (string) $response);
            self::assertContains($said['id'], [$id, ''], 'no new id');
        }
        $repair();

        $after = $this->visit($cookies, '/show.php', $settings);
        self::assertSame([true, ['user' => 'anna'], $id, []], [
            $this->said($after)['started'],
            $this->said($after)['data'],
            $this->said($after)['id'],
            $this->said($after)['warnings'],
        ]);
        self::assertSame([], $after->cookies());
    }

    /** @return iterable<string, array{string, int}> */
    public static function failures(): iterable
    {
        $failures = [
            'another owner', 'a directory in its place', 'no directory', 'an unknown parameter in save_path',
            'a bad value in save_path', 'an unknown scheme in save_path',
        ];
        foreach ($failures as $failure) {
            foreach ([0, 1] as $strict) {
                yield "$failure, strict mode $strict" => [$failure, $strict];
            }
        }
    }

    public function testAVisitorWithoutACookieGetsNoneEither(): void
    {
        $cookies = [];
        $response = $this->visit($cookies, '/show.php', ['session.save_path' => 'nonsense://x']);
        self::assertFalse($this->said($response)['started']);
        self::assertSame([], $response->cookies(), (string) $response);
    }

    public function testASavePathWithADsnComesFirst(): void
    {
        $directory = $this->directory();
        $cookies = [];
        $elsewhere = "shared://$directory/elsewhere?size=16M";
        $this->visit($cookies, '/show.php?set=' . rawurlencode('{"n":1}'), ['session.save_path' => $elsewhere]);
        self::assertFileExists("$directory/elsewhere");
        self::assertFileDoesNotExist("$directory/sessions");
        $same = $this->visit($cookies, '/show.php', ['holdfast.store' => $elsewhere]);
        self::assertSame(['n' => 1], $this->said($same)['data']);
    }

    /** @dataProvider directories */
    public function testADirectoryAsSavePathDoesNotConcernUs(string $savePath): void
    {
        $cookies = [];
        $this->visit($cookies, '/show.php?set=' . rawurlencode('{"n":1}'), ['session.save_path' => $savePath]);
        $found = $this->said($this->visit($cookies, '/show.php', []));
        self::assertSame([['n' => 1], []], [$found['data'], $found['warnings']]);
    }

    /** @return array<string, array{string}> */
    public static function directories(): array
    {
        return [
            'none' => [''],
            'a directory' => ['/var/lib/php/sessions'],
            'that is not there' => ['/nowhere/at/all'],
            'with a depth' => ['2;/tmp'],
            'with a depth and a mode' => ['2;0600;/tmp'],
        ];
    }

    /**
     * How the store of a file breaks and is repaired, and what settings break it.
     *
     * @return array<string, array{callable(): void, callable(): void, array<string, string>}>
     */
    private function ways(string $store): array
    {
        $nothing = static function (): void {
        };
        return [
            'another owner' => [
                static fn () => chown($store, posix_getpwnam('nobody')['uid']),
                static fn () => chown($store, posix_geteuid()),
                [],
            ],
            'a directory in its place' => [
                static function () use ($store): void {
                    rename($store, "$store.away");
                    mkdir($store);
                    // A directory takes the store into itself; where this is one, too, there is no place left.
                    mkdir("$store/sessions.holdfast");
                },
                static function () use ($store): void {
                    rmdir("$store/sessions.holdfast");
                    rmdir($store);
                    rename("$store.away", $store);
                },
                [],
            ],
            'no directory' => [$nothing, $nothing, ['holdfast.store' => 'shared:///nowhere/at/all/sessions']],
            'an unknown parameter in save_path' => [$nothing, $nothing, ['session.save_path' => "shared://$store?speed=high"]],
            'a bad value in save_path' => [$nothing, $nothing, ['session.save_path' => "shared://$store?size=much"]],
            'an unknown scheme in save_path' => [$nothing, $nothing, ['session.save_path' => 'nonsense://host:1?auth=secret']],
        ];
    }

    /**
     * A page of a server that has just been started: its workers open the store as it is now.
     *
     * @param array<string, string> $cookies the visitor's, who takes new ones
     * @param array<string, string|int> $settings
     */
    private function visit(array &$cookies, string $page, array $settings): Response
    {
        $server = new BuiltInServer($settings + self::SETTINGS + ['holdfast.store' => $this->store()]);
        try {
            $browser = new Browser($server->url());
            $browser->cookies = $cookies;
            $response = $browser->get($page);
            $cookies = $browser->cookies;
            return $response;
        } finally {
            $server->stop();
        }
    }

    /** @return array<string, mixed> */
    private function said(Response $response): array
    {
        self::assertTrue($response->isAcknowledged(), (string) $response);
        $said = json_decode($response->body, true);
        self::assertIsArray($said, (string) $response);
        return $said;
    }
}
