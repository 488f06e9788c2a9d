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
    private const CYCLES = 4_000;
    private const CYCLES_OF_A_REQUEST = 200;
    private const SESSIONS = 5;

    /** @dataProvider faces */
    public function testTheCacheChangesNothing(string $page): void
    {
        $seed = random_int(0, 1 << 40);
        $expected = $this->play($page, self::ways()[$page === 'superglobal' ? 'files' : 'no cache'], $seed);
        foreach (self::ways() as $name => $way) {
            if ($page === 'superglobal' || $name !== 'files') {
                // Alone, a worker meets what it has itself left behind; with others, what they have changed.
                foreach ([1, BuiltInServer::WORKERS] as $workers) {
                    $is = $this->play($page, $way, $seed, $workers);
                    self::assertSame($expected, $is, "$name, with $workers workers and the seed $seed");
                }
            }
        }
    }

    /**
     * Whatever PHP and its extensions do with what the cache shows them: a write to it would kill the worker, and so would a
     * look at what the cache has given up.
     *
     * @dataProvider sizes
     */
    public function testNobodyWritesToTheCache(string $size, bool $compiles): void
    {
        $seed = random_int(0, 1 << 40);
        $way = ['holdfast.worker_cache' => $size] + ($compiles ? self::COMPILED : []) + self::HOLDFAST;
        putenv('HOLDFAST_WORKER_CACHE_CLOSED=1');
        try {
            foreach ([1, BuiltInServer::WORKERS] as $workers) {
                $this->play('superglobal', $way, $seed, $workers);
                $this->play('class', $way, $seed, $workers);
            }
        } finally {
            putenv('HOLDFAST_WORKER_CACHE_CLOSED');
        }
    }

    /** @return array<string, array{string, bool}> */
    public static function sizes(): array
    {
        return ['large' => ['64M', false], 'small' => ['256K', false], 'large, and OPcache compiles' => ['64M', true]];
    }

    /** @return array<string, array{string}> */
    public static function faces(): array
    {
        return ['$_SESSION' => ['superglobal'], 'Session' => ['class']];
    }

    private const HOLDFAST = ['session.save_handler' => 'holdfast', 'session.serialize_handler' => 'holdfast'];

    /** Traces are compiled soon: a request has 200 cycles. */
    private const COMPILED = [
        'zend_extension' => 'opcache', 'opcache.enable_cli' => 1, 'opcache.jit_buffer_size' => '32M', 'opcache.jit' => 'tracing',
        'opcache.jit_hot_loop' => 16, 'opcache.jit_hot_func' => 32, 'opcache.jit_hot_return' => 4,
    ];

    /** @return array<string, array<string, string|int>> */
    private static function ways(): array
    {
        return [
            'files' => ['session.save_handler' => 'files', 'session.serialize_handler' => 'php_serialize'],
            'no cache' => ['holdfast.worker_cache' => '0'] + self::HOLDFAST,
            'a cache' => ['holdfast.worker_cache' => '8M'] + self::HOLDFAST,
            'a small cache' => ['holdfast.worker_cache' => '64K'] + self::HOLDFAST,
            'a cache, and every change written' => ['holdfast.worker_cache' => '8M', 'session.lazy_write' => 0] + self::HOLDFAST,
            'a cache, and OPcache compiles' => ['holdfast.worker_cache' => '8M'] + self::COMPILED + self::HOLDFAST,
        ];
    }

    /**
     * The hashes of what the requests saw.
     *
     * @param array<string, string|int> $settings
     * @return list<string>
     */
    private function play(string $page, array $settings, int $seed, int $workers = BuiltInServer::WORKERS): array
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
        $server = new BuiltInServer($settings, __DIR__ . '/pages', null, $workers);
        $hashes = [];
        try {
            $requests = intdiv((int) (getenv('HOLDFAST_CYCLES') ?: self::CYCLES), self::CYCLES_OF_A_REQUEST);
            for ($request = 0; $request < $requests; ++$request) {
                $session = $request % self::SESSIONS;
                // Without the cookies of the session before.
                $said = (new Browser($server->url()))->get("/$page.php?" . http_build_query([
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
