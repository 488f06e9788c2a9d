<?php

declare(strict_types=1);

namespace Holdfast\Tests\Redis;

use Holdfast\Tests\Server\ServerProcess;
use Holdfast\Tests\TemporaryDirectory;
use RuntimeException;

/**
 * A Redis of the test's own, on a unix socket and on no port. It can be stopped and started again with what it has saved.
 */
final class RedisServer
{
    private readonly TemporaryDirectory $directory;
    private ?ServerProcess $server = null;

    public function __construct(private readonly string $password = '')
    {
        $this->directory = new TemporaryDirectory();
        $this->start();
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

    public function start(): void
    {
        $this->server = new ServerProcess(
            [
                'redis-server', '--port', '0', '--unixsocket', $this->socket(), '--unixsocketperm', '700',
                '--save', '', '--appendonly', 'yes', '--appendfsync', 'always', '--dir', $this->directory->path,
                ...($this->password === '' ? [] : ['--requirepass', $this->password]),
            ],
            [],
            $this->directory->path . '/log'
        );
        $this->server->waitUntil(fn (): bool => $this->answers(), 'redis-server answers');
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
        foreach ([...$commands, $words, ['QUIT']] as $command) {
            fwrite($connection, '*' . count($command) . "\r\n");
            foreach ($command as $word) {
                fwrite($connection, '$' . strlen($word) . "\r\n$word\r\n");
            }
        }
        $answer = (string) stream_get_contents($connection);
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

    private function answers(): bool
    {
        $connection = @stream_socket_client('unix://' . $this->socket(), timeout: 1.0);
        if ($connection === false) {
            return false;
        }
        fwrite($connection, "PING\r\n");
        $answer = (string) fgets($connection);
        fclose($connection);
        return $answer === "+PONG\r\n" || str_starts_with($answer, '-NOAUTH');
    }
}
