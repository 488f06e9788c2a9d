<?php

declare(strict_types=1);

namespace Holdfast\Bench\Parallel;

use Holdfast\Bench\Peers\Peer;
use Holdfast\Bench\Peers\Peers;

/**
 * The kinds of sessions whose parallel requests are compared: PHP's default, one that does not lock, and ours.
 */
final class Contestants
{
    /**
     * In the order of the table.
     *
     * @param string $directory where sessions are kept
     * @param string|null $socket Redis'; null: without Redis
     * @return list<Peer>
     */
    public static function all(string $directory, ?string $socket): array
    {
        $files = self::files($directory . '/files');
        if ($socket === null) {
            return [$files, ...self::holdfast($directory)];
        }
        $inRedis = '**Holdfast** in the same Redis, `$_SESSION` with serializer `holdfast`';
        return [
            $files,
            ...self::phpRedis($socket),
            ...self::holdfast($directory),
            Peers::ofHoldfast($inRedis, "redis://$socket"),
        ];
    }

    /**
     * PHP's own sessions.
     *
     * @param string $directory that exists
     */
    public static function files(string $directory): Peer
    {
        return Peers::files('files', "PHP `files` (PHP's default)", $directory);
    }

    /**
     * @param string $socket the server's
     * @return list<Peer>
     */
    public static function phpRedis(string $socket): array
    {
        $locking = ['redis.session.locking_enabled' => 1];
        return [
            Peers::phpRedis('redis', 'phpredis, default (no locking)', $socket),
            Peers::phpRedis('redis-locking', 'phpredis, locking on, its default retries', $socket, $locking),
            Peers::phpRedis(
                'redis-patient',
                'phpredis, locking on, `lock_retries = -1`',
                $socket,
                $locking + ['redis.session.lock_retries' => -1]
            ),
        ];
    }

    /**
     * @param string $directory where the stores are kept, one for each
     * @return list<Peer>
     */
    public static function holdfast(string $directory): array
    {
        $store = static fn (string $name): string => "shared://$directory/$name?size=8M";
        return [
            Peers::ofHoldfast('**Holdfast**, `$_SESSION` with serializer `php` (locked)', $store('locked'), 'php'),
            Peers::ofHoldfast('**Holdfast**, `$_SESSION` with serializer `holdfast`', $store('merged')),
            Peers::ofHoldfastClass('**Holdfast**, class `Session`', $store('of-class')),
        ];
    }
}
