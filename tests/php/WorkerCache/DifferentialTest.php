<?php

declare(strict_types=1);

namespace Holdfast\Tests\WorkerCache;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Server\BuiltInServer;
use Holdfast\Tests\TemporaryDirectory;
use PHPUnit\Framework\TestCase;

/**
 * Random changes of sessions over many requests of several workers have the same results with the worker cache, without
 * it, with one that is far too small, and with PHP's own files.
 *
 * HOLDFAST_CYCLES in the environment says how many cycles each of them plays.
 */
final class DifferentialTest extends TestCase
{
    private const CYCLES = 10_000;
    private const CYCLES_OF_A_REQUEST = 200;
    private const SESSIONS = 5;

    /** @dataProvider faces */
    public function testTheCacheChangesNothing(string $page): void
    {
        $seed = random_int(0, 1 << 40);
        $expected = $this->play($page, self::ways()[$page === 'superglobal' ? 'files' : 'no cache'], $seed);
        foreach (self::ways() as $name => $way) {
            if ($page === 'superglobal' || $name !== 'files') {
                self::assertSame($expected, $this->play($page, $way, $seed), "$name, with the seed $seed");
            }
        }
    }

    /** Whatever PHP and its extensions do with what the cache shows them: a write to it would kill the worker. */
    public function testNobodyWritesToTheCache(): void
    {
        $seed = random_int(0, 1 << 40);
        $way = ['holdfast.worker_cache' => '64M'] + self::HOLDFAST;
        putenv('HOLDFAST_WORKER_CACHE_CLOSED=1');
        try {
            $this->play('superglobal', $way, $seed);
            $this->play('class', $way, $seed);
        } finally {
            putenv('HOLDFAST_WORKER_CACHE_CLOSED');
        }
    }

    /** @return array<string, array{string}> */
    public static function faces(): array
    {
        return ['$_SESSION' => ['superglobal'], 'Session' => ['class']];
    }

    private const HOLDFAST = ['session.save_handler' => 'holdfast', 'session.serialize_handler' => 'holdfast'];

    /** @return array<string, array<string, string|int>> */
    private static function ways(): array
    {
        return [
            'files' => ['session.save_handler' => 'files', 'session.serialize_handler' => 'php_serialize'],
            'no cache' => ['holdfast.worker_cache' => '0'] + self::HOLDFAST,
            'a cache' => ['holdfast.worker_cache' => '8M'] + self::HOLDFAST,
            'a small cache' => ['holdfast.worker_cache' => '64K'] + self::HOLDFAST,
            'a cache, and every change written' => ['holdfast.worker_cache' => '8M', 'session.lazy_write' => 0] + self::HOLDFAST,
        ];
    }

    /**
     * The hashes of what the requests saw.
     *
     * @param array<string, string|int> $settings
     * @return list<string>
     */
    private function play(string $page, array $settings, int $seed): array
    {
        $directory = new TemporaryDirectory();
        $settings += [
            'session.use_cookies' => 0,
            'session.use_strict_mode' => 0,
            'session.cache_limiter' => '',
            'session.gc_probability' => 0,
            'session.save_path' => $settings['session.save_handler'] === 'files' ? $directory->path : '',
            'holdfast.store' => "shared://{$directory->path}/sessions.holdfast?size=16M",
            'display_errors' => 1,
        ];
        $server = new BuiltInServer($settings, __DIR__ . '/pages');
        $hashes = [];
        try {
            $browser = new Browser($server->url());
            $requests = intdiv((int) (getenv('HOLDFAST_CYCLES') ?: self::CYCLES), self::CYCLES_OF_A_REQUEST);
            for ($request = 0; $request < $requests; ++$request) {
                $session = $request % self::SESSIONS;
                $said = $browser->get("/$page.php?" . http_build_query([
                    'id' => "chosen-$session",
                    'kind' => $session % 2 === 0 ? 'objects' : 'references',
                    'model' => "{$directory->path}/model-$session",
                    'first' => $seed + $request * self::CYCLES_OF_A_REQUEST,
                    'cycles' => self::CYCLES_OF_A_REQUEST,
                ]));
                self::assertStringStartsWith('hash ', $said->body, "seed $seed, request $request\n" . $server->log());
                $hashes[] = $said->body;
            }
        } finally {
            $server->stop();
            $directory->remove();
        }
        return $hashes;
    }
}
