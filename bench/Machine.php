<?php

declare(strict_types=1);

namespace Holdfast\Bench;

use Holdfast\Bench\Peers\Peer;
use Holdfast\Tests\Extension;
use RuntimeException;

/**
 * What a reader must know of the machine to judge the figures: nothing that names it.
 */
final class Machine
{
    /** Linux' own memory file system, which every distribution mounts here. */
    private const TMPFS = '/dev/shm';

    /** For temporary files that outlive a restart, so never in memory. */
    private const DISK = '/var/tmp';

    /** PHP's extensions that the peers are made of. */
    private const EXTENSIONS = ['redis' => 'phpredis', 'memcached' => 'php-memcached', 'apcu' => 'APCu', 'igbinary' => 'igbinary'];

    /** The directory in memory that all compared sessions are kept in. */
    public static function tmpfs(): string
    {
        if (!is_dir(self::TMPFS) || !is_writable(self::TMPFS)) {
            throw new RuntimeException(self::TMPFS . ' is not there or not writable: the sessions are compared in memory.');
        }
        return self::TMPFS;
    }

    /** A directory on a disk. */
    public static function disk(): string
    {
        return self::DISK;
    }

    public static function cores(): int
    {
        return (int) shell_exec('nproc');
    }

    /** Processor, cores, memory and system. */
    public static function describe(): string
    {
        $cpu = preg_match('/^model name\s*: (.*)$/m', (string) @file_get_contents('/proc/cpuinfo'), $found) === 1 ? trim($found[1]) : php_uname('m');
        $memory = preg_match('/^MemTotal:\s+(\d+)/m', (string) @file_get_contents('/proc/meminfo'), $found) === 1 ? (int) $found[1] : 0;
        return sprintf('%s, %d cores, %d GB, Linux %s', $cpu, self::cores(), round($memory / 1024 / 1024), strtok(php_uname('r'), '-'));
    }

    /**
     * @param list<Peer> $peers
     * @return list<string> PHP, Holdfast, and the extensions of PHP that the peers use, with their versions
     */
    public static function software(array $peers): array
    {
        $software = ['PHP ' . PHP_VERSION, 'Holdfast ' . self::versionOf('holdfast', [])];
        foreach (self::EXTENSIONS as $extension => $name) {
            foreach ($peers as $peer) {
                $loads = $peer->settings['extension'] ?? [];
                if (is_array($loads) && in_array("$extension.so", $loads, true)) {
                    $software[] = "$name " . self::versionOf($extension, ['extension' => $loads]);
                    break;
                }
            }
        }
        return $software;
    }

    /** A line that says so when other programs will cost the comparison time; null when they will not. */
    public static function warning(): ?string
    {
        $load = sys_getloadavg()[0] ?? 0.0;
        return $load > self::cores() / 2
            ? sprintf('The machine was busy with other work when this began (load %.1f on %d cores): the times are not its best.', $load, self::cores())
            : null;
    }

    /** @return array<string, string> what every measured PHP has: a production server's OPcache, no checks of a developer's, no end in sight */
    public static function production(): array
    {
        return ['zend.assertions' => '-1', 'session.gc_maxlifetime' => '86400']
            + (is_file(ini_get('extension_dir') . '/opcache.so') ? ['zend_extension' => 'opcache.so', 'opcache.enable' => '1'] : []);
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
