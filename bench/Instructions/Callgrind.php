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
        return self::runs($paths, static fn (string $path, array $counts): int =>
            intdiv($counts[self::MANY] - $counts[self::FEW], self::MANY - self::FEW));
    }

    /**
     * @param list<string> $paths their names
     * @return array<string, Profile> by path
     */
    public static function profile(array $paths): array
    {
        return self::runs($paths, static fn (string $path, array $counts, string $directory): Profile => Profile::between(
            self::output($directory, $path, self::FEW),
            self::FEW,
            self::output($directory, $path, self::MANY),
            self::MANY
        ));
    }

    /**
     * Runs each path with few cycles and with many, all at the same time.
     *
     * @template T
     * @param list<string> $paths
     * @param callable(string, array<int, int>, string): T $result of the path, the instructions by cycles, and the directory
     * @return array<string, T> by path
     */
    private static function runs(array $paths, callable $result): array
    {
        $directory = new TemporaryDirectory();
        try {
            $running = $results = [];
            foreach ($paths as $path) {
                foreach ([self::FEW, self::MANY] as $cycles) {
                    $running[$path][$cycles] = self::begin($directory->path, $path, $cycles);
                }
            }
            foreach ($running as $path => $runs) {
                $counts = array_map(static fn (array $run): int => self::finish(...$run), $runs);
                $results[$path] = $result($path, $counts, $directory->path);
            }
            return $results;
        } finally {
            $directory->remove();
        }
    }

    private static function output(string $directory, string $path, int $cycles): string
    {
        return "$directory/$path-$cycles.callgrind";
    }

    /** @return array{resource, string} the process, and the file of its output */
    private static function begin(string $directory, string $path, int $cycles): array
    {
        $name = "$directory/$path-$cycles";
        $output = self::output($directory, $path, $cycles);
        $settings = self::SETTINGS + ['holdfast.store' => "shared://$name?size=4M"];
        $process = proc_open(
            [
                'setpriv', '--pdeathsig', 'KILL', '--',
                'valgrind', '--tool=callgrind', "--callgrind-out-file=$output",
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
