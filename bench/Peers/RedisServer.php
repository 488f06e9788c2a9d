<?php

declare(strict_types=1);

namespace Holdfast\Bench\Peers;

use Holdfast\Tests\Server\ServerProcess;
use Holdfast\Tests\TemporaryDirectory;
use RuntimeException;

/**
 * A Redis of our own: on a unix socket and on no port, with nothing on disk.
 */
final class RedisServer
{
    /** phpredis is linked with the serializers that it was built for: they are loaded before it. */
    private const PHP_EXTENSIONS = ['igbinary.so', 'msgpack.so', 'redis.so'];

    private readonly TemporaryDirectory $directory;
    private readonly ServerProcess $server;

    /** @var resource|null for figures() */
    private $connection = null;

    public function __construct()
    {
        $this->directory = new TemporaryDirectory();
        $this->server = new ServerProcess(
            [
                'redis-server', '--port', '0', '--unixsocket', $this->socket(), '--unixsocketperm', '700',
                '--save', '', '--appendonly', 'no', '--dir', $this->directory->path,
            ],
            [],
            $this->directory->path . '/log'
        );
        try {
            $this->server->waitUntil($this->answers(...), 'redis-server answers');
        } catch (RuntimeException $failure) {
            $this->stop();
            throw $failure;
        }
    }

    public function socket(): string
    {
        return $this->directory->path . '/redis.sock';
    }

    /**
     * What the server has counted since it began: what it read from connections at once, and those that were made. To ask is
     * one more of the first, and once of the second.
     *
     * @return array{reads: int, connections: int}
     */
    public function figures(): array
    {
        $this->connection ??= $this->connect();
        fwrite($this->connection, "INFO stats\r\n");
        $said = (string) stream_get_contents($this->connection, (int) substr((string) fgets($this->connection), 1) + 2);
        $figure = static fn (string $name): int => preg_match("/^$name:(\d+)/m", $said, $found) === 1
            ? (int) $found[1]
            : throw new RuntimeException("Redis does not count $name.");
        return ['reads' => $figure('total_reads_processed'), 'connections' => $figure('total_connections_received')];
    }

    public function version(): string
    {
        $said = (string) shell_exec('redis-server --version');
        return 'Redis ' . (preg_match('/v=(\S+)/', $said, $found) === 1 ? $found[1] : 'of unknown version');
    }

    public function stop(): void
    {
        $this->server->stop();
        $this->directory->remove();
    }

    /** @return list<string> what a PHP loads that uses phpredis */
    public static function phpExtensions(): array
    {
        $here = static fn (string $name): bool => is_file(ini_get('extension_dir') . '/' . $name);
        return array_values(array_filter(self::PHP_EXTENSIONS, $here));
    }

    /** @return resource|null */
    private function connect()
    {
        return @stream_socket_client('unix://' . $this->socket(), timeout: 1.0) ?: null;
    }

    private function answers(): bool
    {
        $connection = $this->connect();
        if ($connection === null) {
            return false;
        }
        fwrite($connection, "PING\r\n");
        $answer = fgets($connection);
        fclose($connection);
        return $answer === "+PONG\r\n";
    }
}
