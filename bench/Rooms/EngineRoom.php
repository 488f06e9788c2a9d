<?php

declare(strict_types=1);

namespace Holdfast\Bench\Rooms;

use Holdfast\Bench\Options;
use Holdfast\Bench\Peers\Peers;
use Holdfast\Bench\Report\Section;
use Holdfast\Bench\Report\Unit;
use RuntimeException;

/**
 * The shared engine without PHP, as `make bench-core` measures it: what an operation takes, and how much more several
 * threads do together than one.
 */
final class EngineRoom implements Room
{
    private const OPERATIONS = [
        'shared_load' => 'loaded',
        'shared_commit' => 'committed',
        'shared_load_same' => 'A record looked at that is known, and still the same',
        'shared_touch' => 'A record touched',
    ];

    private const NANOSECONDS = ['ns' => 1.0, 'µs' => 1e3, 'ms' => 1e6, 's' => 1e9];

    public function __construct(private readonly Options $options, private readonly Peers $peers)
    {
    }

    public function measure(callable $progress): Section
    {
        $progress('building and measuring');
        $samples = $this->options->quick ? ['--sample-count', '20'] : [];
        $names = implode('|', array_keys(self::OPERATIONS));
        $command = ['cargo', 'bench', '--quiet', '--package', 'holdfast-core', '--bench', 'engine', '--', ...$samples, $names];
        $process = proc_open($command, [['file', '/dev/null', 'r'], ['pipe', 'w'], ['redirect', 1]], $pipes, dirname(__DIR__, 2));
        if ($process === false) {
            throw new RuntimeException('Cannot start cargo.');
        }
        $said = (string) stream_get_contents($pipes[1]);
        if (proc_close($process) !== 0) {
            throw new RuntimeException("cargo bench failed:\n$said");
        }
        return new Section('The shared engine alone', self::TEXT, [], self::table(self::medians($said)));
    }

    /**
     * @param string $said what divan prints: a tree of names, sizes, numbers of threads, and five times each
     * @return array<string, array<int, float>> median nanoseconds by what is done, and by the number of threads
     */
    public static function medians(string $said): array
    {
        $medians = [];
        [$operation, $size] = ['', ''];
        foreach (explode("\n", $said) as $line) {
            if (preg_match('/[├╰]─ (shared_\w+)/u', $line, $found) === 1) {
                [$operation, $size] = [$found[1], ''];
            } elseif (preg_match('/[├╰]─ (\d+) /u', $line, $found) === 1) {
                $size = $found[1];
            } elseif (preg_match('/[├╰]─ t=(\d+) +(?:[\d.]+ \S+ +│ +){2}([\d.]+) (\S+)/u', $line, $found) === 1) {
                $name = self::OPERATIONS[$operation] ?? $operation;
                $name = $size === '' ? $name : sprintf('A record of %s %s', Unit::Bytes->say((float) $size), $name);
                $medians[$name][(int) $found[1]] = (float) $found[2] * self::NANOSECONDS[$found[3]];
            }
        }
        if ($medians === []) {
            throw new RuntimeException("No figures in what cargo bench says:\n$said");
        }
        return $medians;
    }

    /** @param array<string, array<int, float>> $medians */
    private static function table(array $medians): string
    {
        $threads = array_keys(reset($medians));
        $heads = array_map(static fn (int $count): string => $count === 1 ? '1 thread' : "$count threads", $threads);
        $lines = [
            '| | ' . implode(' | ', $heads) . ' | together, against one |',
            '|---' . str_repeat('|---:', count($heads) + 1) . '|',
        ];
        foreach ($medians as $name => $times) {
            $cells = array_map(static fn (float $time): string => self::say($time), $times);
            $most = max(array_keys($times));
            $lines[] = sprintf('| %s | %s | %.2f× |', $name, implode(' | ', $cells), $most * $times[1] / $times[$most]);
        }
        return implode("\n", $lines);
    }

    private static function say(float $nanoseconds): string
    {
        return $nanoseconds >= 1000 ? Unit::Microseconds->say($nanoseconds / 1000) : Unit::Nanoseconds->say($nanoseconds);
    }

    private const TEXT = <<<'MD'
        Records in a file in memory, in one process, by [`make bench-core`](measuring.md): the median of one operation, of each thread. The
        threads have sessions of their own. *Together, against one*: how many operations the most threads do in the time in which one does
        one.
        MD;
}
