<?php

declare(strict_types=1);

namespace Holdfast\Tests\Redis;

use Generator;
use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\Crowd;
use Holdfast\Tests\Browser\Request;
use Holdfast\Tests\Browser\Response;
use Holdfast\Tests\Extension;
use Holdfast\Tests\HoldfastTestCase;
use Holdfast\Tests\Server\FpmBehindNginx;
use Holdfast\Tests\Server\ServerProcess;

/**
 * A site under load moves from the shared store to Redis by the three steps of docs/scaling.md: no page fails, nobody is
 * logged out, no view is lost, and a logout stays one.
 */
final class MoveTest extends HoldfastTestCase
{
    private const VISITORS = 12;
    private const IDLE = 2000;

    /** Visitors who leave are gone after so many views each, so that some do in every step. */
    private const VIEWS_BEFORE_LEAVING = 25;

    private RedisServers $redis;
    private FpmBehindNginx $fpm;

    /** @var array<int, int> how many views of each visitor were acknowledged */
    private array $views = [];

    /** @var list<string> */
    private array $failed = [];

    /** @var list<array<string, string>> the cookies of those who have left */
    private array $left = [];

    private bool $over = false;

    protected function setUp(): void
    {
        $this->fpm = new FpmBehindNginx(['holdfast.store' => $this->store()]);
    }

    protected function tearDown(): void
    {
        $this->fpm->stop();
        isset($this->redis) && $this->redis->remove();
        parent::tearDown();
    }

    /** @return array<string, array{callable(): RedisServers}> */
    public static function kinds(): array
    {
        return [
            'a single server' => [static fn (): RedisServers => new RedisServer('hunter2')],
            'sentinels' => [static fn (): RedisServers => new RedisSentinels()],
            'a cluster' => [static fn (): RedisServers => new RedisCluster()],
        ];
    }

    /**
     * @dataProvider kinds
     * @param callable(): RedisServers $start
     */
    public function testASiteUnderLoadMovesToRedisAndNobodyNotices(callable $start): void
    {
        $this->redis = $start();
        $this->passes('for ($n = 0; $n < ' . self::IDLE . '; ++$n) {
            $s = new Session(["cookie_name" => "idle$n"]);
            $s->n = $n;
            $s->save();
        }');
        $browsers = [];
        $visits = [];
        for ($visitor = 0; $visitor < self::VISITORS; ++$visitor) {
            $browsers[] = $browser = new Browser($this->fpm->url());
            self::assertSame('alice', $this->call($browser, 'login', ['alice', 'ecila'])['results'][0]['name'] ?? null);
            $visits[] = $this->visit($visitor, $browser);
        }
        for ($leaver = 0; $leaver < 4; ++$leaver) {
            $visits[] = $this->leaveAgainAndAgain();
        }
        $steps = $this->steps();
        Crowd::run($visits, static function () use ($steps): void {
            $steps->next();
        });
        self::assertSame([], $this->failed);

        foreach ($browsers as $visitor => $browser) {
            $said = $this->call($browser, 'isLoggedin', []);
            self::assertSame([true], $said['results'], "visitor $visitor is logged in");
            self::assertSame($this->views[$visitor], $said['data']['views'] ?? null, "visitor $visitor");
        }
        self::assertGreaterThan(10, count($this->left));
        foreach ($this->left as $cookies) {
            $thief = new Browser($this->fpm->url());
            $thief->cookies = $cookies;
            $said = $this->call($thief, 'isLoggedin', []);
            self::assertSame([[false], []], [$said['results'], $said['data']], 'who has left stays out');
        }
        fwrite(STDERR, sprintf(
            "\nmoved under load: %d pages of %d visitors, %d logouts, 0 failed, 0 lost\n",
            array_sum($this->views),
            self::VISITORS,
            count($this->left)
        ));
    }

    /** The three steps, each when the one before is through and some pages were served. */
    private function steps(): Generator
    {
        $dsn = 'migrating:?from=' . self::nested($this->store()) . '&to=' . self::nested($this->redis->store());
        yield from $this->someViews();
        yield from $this->switchTo($dsn);
        yield from $this->someViews();
        $log = $this->directory() . '/move';
        $command = new ServerProcess(
            [self::command(), 'move', '--from', $this->store(), '--to', $this->redis->store()],
            [],
            $log
        );
        while ($command->isRunning()) {
            yield;
        }
        $said = (string) file_get_contents($log);
        self::assertMatchesRegularExpression('/^moved \d+ records in .*, failed 0; nothing is left in the old store$/', $said);
        self::assertStringNotContainsString('hunter2', $said);
        yield from $this->someViews();
        yield from $this->switchTo($this->redis->store());
        yield from $this->someViews();
        unlink($this->directory() . '/sessions');
        yield from $this->someViews();
        $this->over = true;
        while (true) {
            yield;
        }
    }

    private function switchTo(string $store): Generator
    {
        $before = $this->fpm->workers();
        $this->fpm->reloadWith(['holdfast.store' => $store]);
        do {
            yield;
            $now = $this->fpm->workers();
        } while (array_intersect($before, $now) !== [] || count($now) < FpmBehindNginx::WORKERS);
    }

    private function someViews(): Generator
    {
        $enough = array_sum($this->views) + 10 * self::VISITORS;
        while (array_sum($this->views) < $enough && $this->failed === []) {
            yield;
        }
    }

    /** @return Generator<int, array{Browser, Request}, Response, void> */
    private function visit(int $visitor, Browser $browser): Generator
    {
        $this->views[$visitor] = 0;
        while (!$this->over && $this->failed === []) {
            /** @var Response $response */
            $response = yield [$browser, new Request('/count.php')];
            $said = json_decode($response->body, true);
            if ($response->isAcknowledged() && ($said['views'] ?? null) === $this->views[$visitor] + 1) {
                ++$this->views[$visitor];
            } else {
                $this->failed[] = "visitor $visitor after {$this->views[$visitor]} views: $response";
            }
        }
    }

    /** @return Generator<int, array{Browser, Request}, Response, void> */
    private function leaveAgainAndAgain(): Generator
    {
        while (!$this->over && $this->failed === []) {
            $browser = new Browser($this->fpm->url());
            $calls = '/call.php?' . http_build_query(['calls' => json_encode([['login', ['alice', 'ecila']]])]);
            $response = yield [$browser, new Request($calls)];
            if (!$response->isAcknowledged() || !str_contains($response->body, '"alice"')) {
                $this->failed[] = "a login: $response";
            }
            for ($view = 1; $view <= self::VIEWS_BEFORE_LEAVING; ++$view) {
                yield [$browser, new Request('/count.php')];
            }
            $cookies = $browser->cookies;
            $response = yield [$browser, new Request('/call.php?' . http_build_query(['calls' => '[["logout", []]]']))];
            if (!$response->isAcknowledged()) {
                $this->failed[] = "a logout: $response";
            }
            $this->left[] = $cookies;
        }
    }

    /**
     * @param list<mixed> $arguments
     * @return array<string, mixed>
     */
    private function call(Browser $browser, string $method, array $arguments): array
    {
        $response = $browser->get('/call.php?' . http_build_query(['calls' => json_encode([[$method, $arguments]])]));
        self::assertTrue($response->isAcknowledged(), (string) $response);
        return json_decode($response->body, true, flags: JSON_THROW_ON_ERROR);
    }

    private static function nested(string $dsn): string
    {
        return strtr($dsn, ['%' => '%25', '&' => '%26']);
    }

    private static function command(): string
    {
        $command = dirname(Extension::path()) . '/holdfast';
        self::assertFileExists($command, "run 'make build' first");
        return $command;
    }
}
