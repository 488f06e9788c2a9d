<?php

declare(strict_types=1);

namespace Holdfast\Bench\Instructions;

use Holdfast\Tests\Extension;
use Holdfast\Tests\TemporaryDirectory;
use RuntimeException;

/**
 * Runs of the paths under valgrind.
 *
 * Each is run with a number of cycles and with three times as many: PHP's start and end, and the making of the session,
 * are the same in both and drop out of the difference.
 */
final class Runs
{
    public const FEW = 200;
    public const MANY = 3 * self::FEW;

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
     * Runs paths with few cycles and with many, all at the same time, which valgrind's counts do not see.
     *
     * @template T
     * @param list<string> $paths their names
     * @param list<string> $options of valgrind; %s stands for a file that it may write
     * @param callable(string, string, string, string): T $result of a path, by what the runs of few and of many cycles said, and by the
     *   files that they wrote
     * @return array<string, T> by path
     * @throws RuntimeException when a script fails under valgrind
     */
    public static function of(array $paths, array $options, callable $result): array
    {
        $directory = new TemporaryDirectory();
        $file = static fn (string $path, int $cycles): string => "{$directory->path}/$path-$cycles";
        try {
            $running = $results = [];
            foreach ($paths as $path) {
                foreach ([self::FEW, self::MANY] as $cycles) {
                    $running[$path][] = self::begin($file($path, $cycles), $path, $cycles, $options);
                }
            }
            foreach ($running as $path => [$few, $many]) {
                $said = [self::finish(...$few), self::finish(...$many)];
                $results[$path] = $result(...$said, ...["{$file($path, self::FEW)}.out", "{$file($path, self::MANY)}.out"]);
            }
            return $results;
        } finally {
            $directory->remove();
        }
    }

    /**
     * @param list<string> $options
     * @return array{resource, string} the process, and the file of its output
     */
    private static function begin(string $name, string $path, int $cycles, array $options): array
    {
        $settings = self::SETTINGS + ['holdfast.store' => "shared://$name?size=4M"];
        $process = proc_open(
            [
                'setpriv', '--pdeathsig', 'KILL', '--',
                'valgrind', ...array_map(static fn (string $one): string => sprintf($one, "$name.out"), $options),
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
    private static function finish($process, string $log): string
    {
        $status = proc_close($process);
        $said = (string) file_get_contents($log);
        if ($status !== 0) {
            throw new RuntimeException("valgrind failed ($status):\n$said");
        }
        return $said;
    }
}
