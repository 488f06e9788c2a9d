<?php

declare(strict_types=1);

namespace Holdfast\Bench\Parallel;

/**
 * All kinds of sessions that are compared. Each PHP loads the extension that it needs and no other.
 */
final class Contestants
{
    /**
     * In the order of the table.
     *
     * @param string $directory where sessions are kept
     * @param string $socket Redis'
     * @return list<Contestant>
     */
    public static function all(string $directory, string $socket): array
    {
        return [self::files($directory . '/files'), ...self::phpRedis($socket), ...self::holdfast($directory)];
    }

    /**
     * PHP's own sessions.
     *
     * @param string $directory that exists
     */
    public static function files(string $directory): Contestant
    {
        return new Contestant("PHP `files` (PHP's default)", 'superglobal', [
            'extension' => [],
            'session.save_handler' => 'files',
            'session.save_path' => $directory,
        ]);
    }

    /**
     * @param string $socket the server's
     * @return list<Contestant>
     */
    public static function phpRedis(string $socket): array
    {
        $settings = [
            'extension' => RedisServer::phpExtensions(),
            'session.save_handler' => 'redis',
            'session.save_path' => "unix://$socket",
        ];
        $locking = $settings + ['redis.session.locking_enabled' => 1];
        return [
            new Contestant('phpredis, default (no locking)', 'superglobal', $settings),
            new Contestant('phpredis, locking on, its default retries', 'superglobal', $locking),
            new Contestant(
                'phpredis, locking on, `lock_retries = -1`',
                'superglobal',
                $locking + ['redis.session.lock_retries' => -1]
            ),
        ];
    }

    /**
     * @param string $directory where the stores are kept, one for each
     * @return list<Contestant>
     */
    public static function holdfast(string $directory): array
    {
        $handler = ['session.save_handler' => 'holdfast'];
        $store = static fn (string $name): array => ['holdfast.store' => "shared://$directory/$name?size=8M"];
        return [
            new Contestant(
                '**Holdfast**, `$_SESSION` with serializer `php` (locked)',
                'superglobal',
                $handler + ['session.serialize_handler' => 'php'] + $store('locked')
            ),
            new Contestant(
                '**Holdfast**, `$_SESSION` with serializer `holdfast`',
                'superglobal',
                $handler + ['session.serialize_handler' => 'holdfast'] + $store('merged')
            ),
            new Contestant('**Holdfast**, class `Session`', 'class', $store('class')),
        ];
    }
}
