<?php

declare(strict_types=1);

namespace Holdfast\Tests\Redis;

use Holdfast\Tests\Wait;

/**
 * Three masters that share the slots, and replicas of them.
 */
final class RedisCluster implements RedisServers
{
    public const MASTERS = 3;

    /** @var list<RedisServer> the masters, then the replicas: that at MASTERS + n begins as one of the nth master */
    public readonly array $nodes;

    /** @param string $host the address of this machine at which they listen; from others none gets in without a password */
    public function __construct(int $replicas = 0, string $host = '127.0.0.1', private readonly string $password = '')
    {
        $settings = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '1500', '--repl-diskless-sync-delay', '0'];
        array_push($settings, ...($password === '' ? [] : ['--masterauth', $password]));
        $this->nodes = array_map(
            static fn (): RedisServer => new RedisServer($password, $host, $settings),
            range(1, self::MASTERS * (1 + $replicas))
        );
        foreach ([[0, 5460], [5461, 10922], [10923, 16383]] as $place => [$first, $last]) {
            $this->nodes[$place]->command('CLUSTER', 'ADDSLOTSRANGE', (string) $first, (string) $last);
        }
        foreach ($this->nodes as $place => $node) {
            $node->command('CLUSTER', 'SET-CONFIG-EPOCH', (string) ($place + 1));
            $node->command('CLUSTER', 'MEET', $host, (string) $this->nodes[0]->port());
        }
        $all = 'cluster_known_nodes:' . \count($this->nodes) . "\r";
        $this->until($this->nodes, static fn (RedisServer $node): bool => str_contains($node->command('CLUSTER', 'INFO'), $all));
        foreach ($this->replicas() as $place => $replica) {
            $master = $this->nodes[$place % self::MASTERS]->command('CLUSTER', 'MYID');
            preg_match('/[0-9a-f]{40}/', $master, $id);
            $this->until([$replica], static fn (): bool => str_contains($replica->command('CLUSTER', 'REPLICATE', $id[0]), 'OK'));
        }
        $this->until($this->nodes, static fn (RedisServer $node): bool => str_contains($node->command('CLUSTER', 'INFO'), 'cluster_state:ok'));
        $this->until($this->replicas(), static fn (RedisServer $node): bool => $node->info('replication', 'master_link_status') === 'up');
    }

    /** @return list<RedisServer> those that begin as replicas */
    public function replicas(): array
    {
        return \array_slice($this->nodes, self::MASTERS);
    }

    public function store(): string
    {
        $login = $this->password === '' ? '' : ":$this->password@";
        $addresses = array_map(static fn (RedisServer $node): string => $node->address(), $this->masters());
        return "redis+cluster://$login" . implode(',', $addresses);
    }

    public function masters(): array
    {
        return \array_slice($this->nodes, 0, self::MASTERS);
    }

    public function remove(): void
    {
        foreach ($this->nodes as $node) {
            $node->remove();
        }
    }

    /**
     * @param list<RedisServer> $nodes
     * @param callable(RedisServer): bool $holds
     */
    private function until(array $nodes, callable $holds): void
    {
        foreach ($nodes as $node) {
            Wait::until(
                static fn (): bool => $holds($node),
                'the cluster forms',
                static fn (): string => $node->command('CLUSTER', 'INFO') . $node->command('CLUSTER', 'NODES'),
                30.0
            );
        }
    }
}
