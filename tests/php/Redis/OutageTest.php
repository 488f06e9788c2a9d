<?php

declare(strict_types=1);

namespace Holdfast\Tests\Redis;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\Response;
use Holdfast\Tests\Cli\PhpCli;
use Holdfast\Tests\TemporaryDirectory;

/**
 * S27: a server that is away is never an unknown id: one clear error, no new id and no Set-Cookie; when it is back, the same
 * cookie works, and no worker was restarted. S29: nobody sees the password.
 */
final class OutageTest extends RedisTestCase
{
    protected static function settings(): array
    {
        return [
            'session.save_handler' => 'holdfast',
            'session.serialize_handler' => 'holdfast',
            'display_errors' => 1,
            'html_errors' => 0,
        ] + parent::settings();
    }

    protected function tearDown(): void
    {
        self::redis()->stop();
        self::redis()->start();
    }

    public function testS27TheSameCookieWorksWhenTheServerIsBack(): void
    {
        $visitor = self::visitor();
        $workers = [];
        $views = 0;
        for ($request = 0; $request < 20; ++$request) {
            $said = self::counted($visitor, '/count.php', $views);
            $workers[] = $said['worker'];
        }
        $cookies = $visitor->cookies;
        self::redis()->stop();
        for ($request = 0; $request < 20; ++$request) {
            $response = self::patiently($visitor, '/count.php');
            self::assertSame([], $response->cookies(), (string) $response);
            self::assertSame(1, substr_count($response->body, 'session store redis://'), (string) $response);
            self::assertStringContainsString('does the server run', $response->body);
            self::assertStringNotContainsString('hunter2', $response->body, 'S29');
            self::assertStringNotContainsString($cookies['holdfast'], $response->body, 'S29');
        }
        self::redis()->start();
        for ($request = 0; $request < 20; ++$request) {
            $said = self::counted($visitor, '/count.php', $views);
            $workers[] = $said['worker'];
        }
        self::assertSame($cookies, $visitor->cookies);
        self::assertLessThanOrEqual(8, count(array_unique($workers)), 'no worker was restarted');
    }

    public function testS27TheSameForSuperglobals(): void
    {
        $visitor = self::visitor();
        $views = 0;
        self::counted($visitor, '/superglobal-count.php', $views);
        $cookies = $visitor->cookies;
        self::redis()->stop();
        for ($request = 0; $request < 10; ++$request) {
            $response = self::patiently($visitor, '/superglobal-count.php');
            self::assertSame([], $response->cookies(), (string) $response);
            self::assertStringContainsString('session store redis://', $response->body);
            self::assertStringNotContainsString('hunter2', $response->body, 'S29');
        }
        self::redis()->start();
        self::counted($visitor, '/superglobal-count.php', $views);
        self::assertSame($cookies, $visitor->cookies);
    }

    /** @dataProvider newcomers */
    public function testWorkersAgreeOnIdsAfterTheServerLostEverything(bool $newcomer): void
    {
        $visitor = self::visitor();
        foreach ($visitor->getTogether(array_fill(0, 16, '/parallel.php?hold=20')) as $response) {
            self::said($response);
        }
        self::redis()->stop();
        self::redis()->forget();
        self::redis()->start();
        if ($newcomer) {
            // A process that has never seen the old secret begins a new store.
            $directory = new TemporaryDirectory();
            $settings = ['holdfast.store' => self::redis()->store()];
            (new PhpCli($directory->path, $settings))->run('$s = new Session(); $s->x = 1; $s->save();');
            $directory->remove();
        }
        $views = 0;
        self::counted($visitor, '/count.php', $views);
        for ($round = 0; $round < 5; ++$round) {
            foreach ($visitor->getTogether(array_fill(0, 16, '/read.php?hold=20')) as $response) {
                self::assertSame($views, self::said($response)['data']['views'] ?? null);
            }
        }
    }

    /** @return array<string, array{bool}> */
    public static function newcomers(): array
    {
        return ['the first to come knows the secret' => [false], 'the first to come does not' => [true]];
    }

    public function testS29PhpinfoShowsThePlaceAndNotThePassword(): void
    {
        $shown = self::visitor()->get('/info.php')->body;
        self::assertStringContainsString('redis://' . self::redis()->socket(), $shown);
        self::assertStringContainsString('(not shown: it may hold a password)', $shown);
        self::assertStringNotContainsString('hunter2', $shown);
    }

    /**
     * A page, asked for again as long as its server kept a worker waiting: that happens on a machine with much other work,
     * and then the worker leaves the server alone for a second. No such answer has a cookie.
     *
     * @param int $again how often that was
     */
    private static function patiently(Browser $visitor, string $path, int &$again = 0): Response
    {
        $again = 0;
        for ($end = microtime(true) + 30; ; ++$again) {
            $response = $visitor->get($path);
            if (!preg_match('/session store redis:.* in time/', $response->body) || microtime(true) > $end) {
                return $response;
            }
            self::assertSame([], $response->cookies(), (string) $response);
        }
    }

    /**
     * What a page says that counts views. It has counted on from $views, and no answer that came too late was counted twice.
     *
     * @return array<string, mixed>
     */
    private static function counted(Browser $visitor, string $path, int &$views): array
    {
        $again = 0;
        $said = self::said(self::patiently($visitor, $path, $again));
        self::assertGreaterThan($views, $said['views']);
        self::assertLessThanOrEqual($views + 1 + $again, $said['views']);
        $views = $said['views'];
        return $said;
    }
}
