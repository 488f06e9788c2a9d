<?php

declare(strict_types=1);

namespace Holdfast\Tests\Redis;

use Holdfast\Tests\Wait;

/**
 * A master, its replica, and three sentinels that watch them.
 */
final class RedisSentinels implements RedisServers
{
    public readonly RedisServer $master;
    public readonly RedisServer $replica;

    /** @var list<RedisServer> */
    private array $sentinels = [];

    public function __construct()
    {
        $host = '127.0.0.1';
        $settings = ['--repl-diskless-sync-delay', '0'];
        $this->master = new RedisServer(host: $host, more: $settings);
        $port = (string) $this->master->port();
        $this->replica = new RedisServer(host: $host, more: [...$settings, '--replicaof', "$host $port"]);
        Wait::until(
            fn (): bool => $this->replica->info('replication', 'master_link_status') === 'up',
            'the replica is in step',
            fn (): string => $this->replica->command('INFO', 'replication'),
            30.0
        );
        $watch = "sentinel monitor sessions $host $port 2\n"
            . "sentinel down-after-milliseconds sessions 1000\nsentinel failover-timeout sessions 3000\n";
        for ($sentinel = 0; $sentinel < 3; ++$sentinel) {
            $this->sentinels[] = new RedisServer(host: $host, more: ['--sentinel'], sentinel: $watch);
        }
        foreach ($this->sentinels as $sentinel) {
            Wait::until(
                static fn (): bool => (bool) preg_match(
                    '/num-slaves\r\n\$1\r\n1\r\n.*num-other-sentinels\r\n\$1\r\n2\r\n/s',
                    $sentinel->command('SENTINEL', 'MASTER', 'sessions')
                ),
                'the sentinels know each other and the replica',
                static fn (): string => $sentinel->command('SENTINEL', 'MASTER', 'sessions'),
                30.0
            );
        }
    }

    public function store(): string
    {
        $sentinels = array_map(static fn (RedisServer $sentinel): string => $sentinel->address(), $this->sentinels);
        return 'redis+sentinel://' . implode(',', $sentinels) . '/sessions';
    }

    public function masters(): array
    {
        return [$this->master];
    }

    public function remove(): void
    {
        foreach ([...$this->sentinels, $this->replica, $this->master] as $server) {
            $server->remove();
        }
    }
}
