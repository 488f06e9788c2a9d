<?php

declare(strict_types=1);

namespace Holdfast\Bench\Peers;

use Holdfast\Bench\Machine;
use Holdfast\Bench\Options;
use Holdfast\Tests\Extension;
use Holdfast\Tests\TemporaryDirectory;
use RuntimeException;

/**
 * All kinds of sessions, and the servers that they need. Each PHP loads the extension that it needs and no other.
 */
final class Peers
{
    /** Those that need no server and no extension. */
    private const ALONE = ['files', 'disk'];

    private const NEEDS_A_SERVER = ['redis', 'redis-locking', 'memcached', 'database'];

    /** In the order of the tables. */
    public const IDS = [...self::ALONE, 'redis', 'redis-locking', 'memcached', 'apcu', 'apcu-igbinary', 'database'];

    private readonly TemporaryDirectory $memory;
    private readonly TemporaryDirectory $disk;
    private readonly string $millions;

    /** @var array<string, RedisServer|MemcachedServer|DatabaseServer> by kind */
    private array $servers = [];

    /** @var list<string> the peers that take part */
    private array $taking;

    public function __construct(Options $options)
    {
        $this->taking = $options->peers ?? self::IDS;
        // Two kilobytes for each small session: more than any of them takes.
        $this->millions = max(64, (int) ceil($options->sessions * 2 / 1024)) . 'M';
        $this->memory = new TemporaryDirectory(Machine::tmpfs());
        $this->disk = new TemporaryDirectory(Machine::disk());
        try {
            foreach (self::NEEDS_A_SERVER as $id) {
                if (in_array($id, $this->taking, true)) {
                    $this->servers[strtok($id, '-')] ??= match ($id) {
                        'redis', 'redis-locking' => new RedisServer(),
                        'memcached' => new MemcachedServer(),
                        'database' => new DatabaseServer(Machine::tmpfs()),
                    };
                }
            }
        } catch (RuntimeException $failure) {
            $this->stop();
            throw $failure;
        }
    }

    /** What the others are compared with. */
    public function holdfast(): Peer
    {
        return self::ofHoldfast('**Holdfast**', $this->store('superglobal'));
    }

    public function holdfastClass(): Peer
    {
        return self::ofHoldfastClass('**Holdfast**, class `Session`', $this->store('class'));
    }

    /** @return list<Peer> those that are asked to keep very many sessions, with room for them */
    public function forMillions(int $sessions): array
    {
        $apcu = ['apc.shm_size' => $this->millions, 'apc.entries_hint' => max(4096, $sessions)];
        return [
            self::ofHoldfast('**Holdfast**', "shared://{$this->memory->path}/million?size={$this->millions}"),
            ...array_map(static fn (Peer $one): Peer => $one->with($apcu), $this->others(['redis', 'apcu', 'apcu-igbinary'])),
        ];
    }

    /** @return list<Peer> Holdfast with something switched off, or over the others' server, to show what that is worth */
    public function variants(): array
    {
        $variants = [];
        if (self::hasSetting('holdfast.worker_cache')) {
            $peer = self::ofHoldfast('Holdfast, worker cache off', $this->store('uncached'));
            $variants[] = new Peer('holdfast-uncached', $peer->name, ['holdfast.worker_cache' => 0] + $peer->settings);
        }
        $redis = $this->redis();
        if ($redis !== null) {
            $peer = self::ofHoldfast('Holdfast, in the same Redis', "redis://{$redis->socket()}");
            $variants[] = new Peer('holdfast-redis', $peer->name, $peer->settings);
        }
        return $variants;
    }

    /**
     * Those that keep sessions otherwise.
     *
     * @param list<string>|null $only their ids
     * @return list<Peer>
     */
    public function others(?array $only = null): array
    {
        $ids = array_intersect(self::IDS, $this->taking, $only ?? self::IDS);
        return array_map($this->make(...), array_values($ids));
    }

    /** @return list<string> what the servers are, with their versions */
    public function versions(): array
    {
        return array_map(static fn (RedisServer|MemcachedServer|DatabaseServer $one): string => $one->version(), array_values($this->servers));
    }

    public function redis(): ?RedisServer
    {
        $server = $this->servers['redis'] ?? null;
        return $server instanceof RedisServer ? $server : null;
    }

    /** A new directory in memory. */
    public function directory(string $name): string
    {
        $directory = $this->memory->path . '/' . $name;
        if (!is_dir($directory)) {
            mkdir($directory, 0700);
        }
        return $directory;
    }

    public function stop(): void
    {
        foreach ($this->servers as $server) {
            $server->stop();
        }
        $this->servers = [];
        $this->memory->remove();
        $this->disk->remove();
    }

    /** @param string $directory where the sessions are */
    public static function files(string $id, string $name, string $directory): Peer
    {
        return new Peer($id, $name, [
            'extension' => [],
            'session.save_handler' => 'files',
            'session.save_path' => $directory,
        ]);
    }

    /** @param array<string, string|int> $more settings of phpredis */
    public static function phpRedis(string $id, string $name, string $socket, array $more = []): Peer
    {
        return new Peer($id, $name, $more + [
            'extension' => RedisServer::phpExtensions(),
            'session.save_handler' => 'redis',
            'session.save_path' => "unix://$socket",
        ]);
    }

    /** `$_SESSION` on Holdfast. */
    public static function ofHoldfast(string $name, string $store, string $serializer = 'holdfast'): Peer
    {
        return new Peer('holdfast', $name, [
            'session.save_handler' => 'holdfast',
            'session.serialize_handler' => $serializer,
            'holdfast.store' => $store,
        ]);
    }

    /** The class `Session`. */
    public static function ofHoldfastClass(string $name, string $store): Peer
    {
        return new Peer('holdfast-class', $name, ['holdfast.store' => $store], 'class');
    }

    private function make(string $id): Peer
    {
        $disk = $this->disk->path;
        return match ($id) {
            'files' => self::files($id, "PHP files, in memory (tmpfs)", $this->directory('files')),
            'disk' => self::files($id, 'PHP files, on disk', $disk),
            'redis' => self::phpRedis($id, 'phpredis, no locking (its default)', $this->servers['redis']->socket()),
            'redis-locking' => self::phpRedis($id, 'phpredis, locking', $this->servers['redis']->socket(), [
                'redis.session.locking_enabled' => 1,
                'redis.session.lock_retries' => -1,
            ]),
            // With its default of 5 retries, parallel requests of one visitor fail.
            'memcached' => new Peer($id, 'memcached, locking (its default), patient', [
                'memcached.sess_lock_retries' => 100000,
                'extension' => self::present(['igbinary.so', 'msgpack.so', 'memcached.so']),
                'session.save_handler' => 'memcached',
                'session.save_path' => $this->servers['memcached']->socket() . ':0',
            ]),
            'apcu' => $this->apcu($id, 'APCu (handler in PHP)', 'php', ['apcu.so']),
            'apcu-igbinary' => $this->apcu($id, 'APCu with igbinary (handler in PHP)', 'igbinary', ['igbinary.so', 'apcu.so']),
            'database' => new Peer($id, "ProcessWire's queries on MariaDB (handler in PHP)", [
                'extension' => $this->servers['database']->phpExtensions(),
                'auto_prepend_file' => __DIR__ . '/handlers/database.php',
                'bench.database' => $this->servers['database']->login(),
            ]),
        };
    }

    /** @param list<string> $extensions */
    private function apcu(string $id, string $name, string $serializer, array $extensions): Peer
    {
        return new Peer($id, $name, [
            'extension' => self::present($extensions),
            'apc.shm_size' => '256M',
            'session.serialize_handler' => $serializer,
            'auto_prepend_file' => __DIR__ . '/handlers/apcu.php',
        ]);
    }

    /** @param list<string> $extensions */
    private static function present(array $extensions): array
    {
        $missing = array_filter($extensions, static fn (string $name): bool => !is_file(ini_get('extension_dir') . "/$name"));
        // A memcached built without a serializer needs none.
        if (array_diff($missing, ['igbinary.so', 'msgpack.so']) !== []) {
            throw new RuntimeException('PHP lacks the extension ' . implode(', ', $missing) . '.');
        }
        return array_values(array_diff($extensions, $missing));
    }

    private function store(string $name): string
    {
        return "shared://{$this->memory->path}/$name?size=256M";
    }

    private static function hasSetting(string $name): bool
    {
        $command = [PHP_BINARY, ...Extension::arguments([]), '-r', "echo ini_get('$name') === false ? 'no' : 'yes';"];
        return shell_exec(implode(' ', array_map('escapeshellarg', $command))) === 'yes';
    }
}
