<?php

declare(strict_types=1);

namespace Holdfast\Bench\Parallel;

use Holdfast\Tests\Extension;
use RuntimeException;

/**
 * What a reader must know of the machine to judge the figures: nothing that names it.
 */
final class Machine
{
    /** Linux' own memory file system, which every distribution mounts here. */
    private const TMPFS = '/dev/shm';

    /** The directory in memory that all compared sessions are kept in. */
    public static function tmpfs(): string
    {
        if (!is_dir(self::TMPFS) || !is_writable(self::TMPFS)) {
            throw new RuntimeException(self::TMPFS . ' is not there or not writable: the sessions are compared in memory.');
        }
        return self::TMPFS;
    }

    public static function cores(): int
    {
        return (int) shell_exec('nproc');
    }

    public static function describe(RedisServer $redis): string
    {
        return sprintf(
            'Linux with %d cores, PHP %s, phpredis %s with Redis %s, Holdfast %s; '
                . 'php-fpm with 8 workers behind nginx, all sessions in memory',
            self::cores(),
            PHP_VERSION,
            self::versionOf('redis', ['extension' => RedisServer::phpExtensions()]),
            $redis->version(),
            self::versionOf('holdfast', [])
        );
    }

    /** A line that says so when other programs will cost the comparison time; null when they will not. */
    public static function warning(): ?string
    {
        $load = sys_getloadavg()[0] ?? 0.0;
        return $load > self::cores() / 2
            ? sprintf('This machine is busy (load %.1f on %d cores): the times will not be its best.', $load, self::cores())
            : null;
    }

    /** @param array<string, string|int|list<string>> $settings */
    private static function versionOf(string $extension, array $settings): string
    {
        $command = [PHP_BINARY, ...Extension::arguments($settings), '-r', "echo phpversion('$extension');"];
        $version = (string) shell_exec(implode(' ', array_map('escapeshellarg', $command)));
        if ($version === '') {
            throw new RuntimeException("PHP does not load the extension $extension.");
        }
        return $version;
    }
}
