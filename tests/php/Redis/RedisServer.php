<?php

declare(strict_types=1);

namespace Holdfast\Tests\Redis;

use Holdfast\Tests\Server\ServerProcess;
use Holdfast\Tests\TemporaryDirectory;
use RuntimeException;

/**
 * A Redis of the test's own, on a unix socket, and on a port only if that is wanted. Without a port it can be stopped and
 * started again with what it has saved. The environment variable HOLDFAST_REDIS_SERVER names another server than
 * redis-server: valkey-server, say.
 */
final class RedisServer implements RedisServers
{
    private const ATTEMPTS_TO_BIND = 5;

    private readonly TemporaryDirectory $directory;
    private ?ServerProcess $server = null;
    private int $port = 0;

    /**
     * @param string|null $host the address at which it has a port as well; what it holds is then in memory alone
     * @param list<string> $more arguments
     * @param string|null $sentinel the settings of a sentinel, if it is one
     */
    public function __construct(
        private readonly string $password = '',
        private readonly ?string $host = null,
        private readonly array $more = [],
        private readonly ?string $sentinel = null
    ) {
        $this->directory = new TemporaryDirectory();
        for ($attempt = 1; ; ++$attempt) {
            try {
                $this->start();
                return;
            } catch (RuntimeException $failure) {
                // Somebody else was given the port in between.
                if ($host === null || $attempt === self::ATTEMPTS_TO_BIND) {
                    throw $failure;
                }
            }
        }
    }

    public function __destruct()
    {
        $this->remove();
    }

    public function socket(): string
    {
        return $this->directory->path . '/redis.sock';
    }

    /** The DSN of a store in it. */
    public function store(): string
    {
        $login = $this->password === '' ? '' : ":$this->password@";
        return "redis://$login{$this->socket()}";
    }

    public function masters(): array
    {
        return [$this];
    }

    /** Where others reach it: HOST:PORT. */
    public function address(): string
    {
        return "$this->host:$this->port";
    }

    public function port(): int
    {
        return $this->port;
    }

    public function start(): void
    {
        $this->port = $this->host === null ? 0 : self::freePort($this->host);
        $command = [getenv('HOLDFAST_REDIS_SERVER') ?: 'redis-server'];
        if ($this->sentinel !== null) {
            // It keeps in this file what it finds out.
            file_put_contents($command[] = $this->directory->path . '/sentinel.conf', $this->sentinel);
        }
        array_push($command, '--port', (string) $this->port, '--unixsocket', $this->socket(), '--unixsocketperm', '700');
        array_push($command, '--dir', $this->directory->path, ...($this->host === null ? [] : ['--bind', $this->host]));
        if ($this->sentinel === null) {
            array_push($command, '--save', '', '--appendonly', $this->host === null ? 'yes' : 'no', '--appendfsync', 'always');
        }
        array_push($command, ...($this->password === '' ? [] : ['--requirepass', $this->password]), ...$this->more);
        $this->server = new ServerProcess($command, [], $this->directory->path . '/log');
        $this->server->waitUntil(fn (): bool => $this->answers(), 'redis-server answers');
    }

    /** Ends it as a crash does: it saves nothing and takes leave of nobody. */
    public function kill(): void
    {
        preg_match('/^process_id:(\d+)/m', $this->command('INFO', 'server'), $found);
        posix_kill((int) $found[1], SIGKILL);
        $this->stop();
    }

    /** What it has acknowledged is on the disk. */
    public function stop(): void
    {
        $this->server?->stop();
        $this->server = null;
        @unlink($this->socket());
    }

    /** What it has saved is lost. */
    public function forget(): void
    {
        array_map('unlink', glob($this->directory->path . '/appendonlydir/*') ?: []);
    }

    public function remove(): void
    {
        $this->stop();
        $this->directory->remove();
    }

    /** @return string the raw answer */
    public function command(string ...$words): string
    {
        $connection = stream_socket_client('unix://' . $this->socket(), timeout: 5.0);
        if ($connection === false) {
            throw new RuntimeException('no connection to redis-server');
        }
        $commands = $this->password === '' ? [] : [['AUTH', $this->password]];
        // Sentinels know no QUIT: there a mark says where the answer ends.
        $last = $this->sentinel === null ? ['QUIT'] : ['PING', 'the end'];
        foreach ([...$commands, $words, $last] as $command) {
            fwrite($connection, '*' . count($command) . "\r\n");
            foreach ($command as $word) {
                fwrite($connection, '$' . strlen($word) . "\r\n$word\r\n");
            }
        }
        if ($this->sentinel === null) {
            $answer = (string) stream_get_contents($connection);
        } else {
            $answer = (string) stream_get_line($connection, 1 << 20, "\r\nthe end\r\n") . "\r\n";
        }
        fclose($connection);
        return $answer;
    }

    /** @return array<string, int> how often each command was called since resetCalls() */
    public function calls(): array
    {
        preg_match_all('/^cmdstat_([^:]+):calls=(\d+)/m', $this->command('INFO', 'commandstats'), $found);
        return array_map('intval', array_combine($found[1], $found[2]));
    }

    public function resetCalls(): void
    {
        $this->command('CONFIG', 'RESETSTAT');
    }

    /** A field of INFO; '' when there is none. */
    public function info(string $section, string $field): string
    {
        preg_match("/^$field:([^\r]*)/m", $this->command('INFO', $section), $found);
        return $found[1] ?? '';
    }

    /** Whether every replica has what this master has said by now. */
    public function isReplicated(): bool
    {
        $said = $this->command('INFO', 'replication');
        preg_match('/^master_repl_offset:(\d+)/m', $said, $own);
        preg_match_all('/^slave\d+:.*state=online,offset=(\d+)/m', $said, $replicas);
        return $replicas[1] !== [] && min(array_map('intval', $replicas[1])) >= (int) $own[1];
    }

    /**
     * A port that nobody has: below those that the system deals out, and so that the second port of a cluster's node, 10000
     * above, is free as well.
     */
    private static function freePort(string $host): int
    {
        for ($attempt = 0; $attempt < 1000; ++$attempt) {
            $port = random_int(10_000, 22_000);
            $both = [@stream_socket_server("tcp://$host:$port"), @stream_socket_server('tcp://' . $host . ':' . $port + 10_000)];
            if (!in_array(false, $both, true)) {
                return $port;
            }
        }
        throw new RuntimeException("no free port at $host");
    }

    private function answers(): bool
    {
        try {
            // Who still loads what it had saved refuses.
            return str_contains(@$this->command('PING'), "+PONG\r\n");
        } catch (RuntimeException) {
            return false;
        }
    }
}
