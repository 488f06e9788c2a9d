<?php

declare(strict_types=1);

namespace Holdfast\Tests\Users\Databases;

use Holdfast\Tests\TemporaryDirectory;
use RuntimeException;

/**
 * Database servers refuse to run as root: then they run as nobody, in a directory that is nobody's.
 */
final class Unprivileged
{
    private const USER = 'nobody';

    /** @param string|null $in where it is made; the system's temporary directory by default */
    public static function directory(?string $in = null): TemporaryDirectory
    {
        $directory = new TemporaryDirectory($in);
        if (self::isRoot()) {
            chown($directory->path, posix_getpwnam(self::USER)['uid']);
        }
        return $directory;
    }

    /**
     * @param list<string> $command
     * @return list<string>
     */
    public static function command(array $command): array
    {
        return self::isRoot()
            ? ['setpriv', '--reuid=' . self::USER, '--regid=' . posix_getpwnam(self::USER)['gid'], '--clear-groups', '--', ...$command]
            : $command;
    }

    /**
     * Runs a command to its end.
     *
     * @param list<string> $command
     * @throws RuntimeException with its output when it fails.
     */
    public static function run(array $command, string $directory): void
    {
        $line = implode(' ', array_map('escapeshellarg', self::command($command)));
        exec('cd ' . escapeshellarg($directory) . " && $line 2>&1 </dev/null", $output, $status);
        if ($status !== 0) {
            throw new RuntimeException("$line failed:\n" . implode("\n", $output));
        }
    }

    /** The path of a program; null when it is not here. */
    public static function program(string $name, string $elsewhere = ''): ?string
    {
        $directories = [...explode(':', (string) getenv('PATH')), '/usr/local/sbin', '/usr/sbin', ...glob($elsewhere) ?: []];
        foreach ($directories as $directory) {
            if (is_executable("$directory/$name")) {
                return "$directory/$name";
            }
        }
        return null;
    }

    private static function isRoot(): bool
    {
        return posix_geteuid() === 0;
    }
}
