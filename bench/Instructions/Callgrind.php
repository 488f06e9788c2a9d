<?php

declare(strict_types=1);

namespace Holdfast\Bench\Instructions;

use Holdfast\Tests\Extension;
use Holdfast\Tests\TemporaryDirectory;
use RuntimeException;

/**
 * Counts the instructions of a path by callgrind.
 *
 * A script is run with a number of cycles and with three times as many: PHP's start and end, and the making of the session,
 * are the same in both and drop out of the difference.
 */
final class Callgrind
{
    private const FEW = 200;
    private const MANY = 3 * self::FEW;

    /** What would make two runs differ that are none of our work. */
    private const SETTINGS = [
        'session.use_cookies' => 0,
        'session.cache_limiter' => '',
        'session.gc_probability' => 0,
        'session.save_handler' => 'holdfast',
        'session.serialize_handler' => 'holdfast',
    ];

    /** @return list<string> the names of the paths */
    public static function paths(): array
    {
        return array_map(
            static fn (string $file): string => basename($file, '.php'),
            glob(__DIR__ . '/paths/*.php') ?: []
        );
    }

    /**
     * @param list<string> $paths their names; all are run at the same time, which instruction counts do not see
     * @return array<string, int> instructions of one cycle, by path
     * @throws RuntimeException when a script fails under valgrind
     */
    public static function count(array $paths): array
    {
        $directory = new TemporaryDirectory();
        try {
            $running = [];
            foreach ($paths as $path) {
                foreach ([self::FEW, self::MANY] as $cycles) {
                    $running[$path][$cycles] = self::begin($directory->path . "/$path-$cycles", $path, $cycles);
                }
            }
            $counts = [];
            foreach ($running as $path => $runs) {
                $few = self::finish(...$runs[self::FEW]);
                $many = self::finish(...$runs[self::MANY]);
                $counts[$path] = intdiv($many - $few, self::MANY - self::FEW);
            }
            return $counts;
        } finally {
            $directory->remove();
        }
    }

    /** @return array{resource, string} the process, and the file of its output */
    private static function begin(string $name, string $path, int $cycles): array
    {
        $settings = self::SETTINGS + ['holdfast.store' => "shared://$name?size=4M"];
        $process = proc_open(
            [
                'setpriv', '--pdeathsig', 'KILL', '--',
                'valgrind', '--tool=callgrind', '--callgrind-out-file=/dev/null',
                PHP_BINARY, ...Extension::arguments($settings), __DIR__ . "/paths/$path.php", (string) $cycles,
            ],
            [['file', '/dev/null', 'r'], ['file', "$name.log", 'a'], ['file', "$name.log", 'a']],
            $pipes
        );
        if ($process === false) {
            throw new RuntimeException('Cannot start valgrind.');
        }
        return [$process, "$name.log"];
    }

    /** @param resource $process */
    private static function finish($process, string $log): int
    {
        $status = proc_close($process);
        $said = (string) file_get_contents($log);
        if ($status !== 0 || preg_match('/Collected : (\d+)/', $said, $found) !== 1) {
            throw new RuntimeException("valgrind failed ($status):\n$said");
        }
        return (int) $found[1];
    }
}
