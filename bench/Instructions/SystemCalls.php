<?php

declare(strict_types=1);

namespace Holdfast\Bench\Instructions;

/**
 * What the paths ask of the kernel.
 */
final class SystemCalls
{
    /** No system call outside valgrind: the kernel's clocks are read from memory that it shares with every process. */
    private const CLOCK = 'clock_gettime';

    /** Of a cycle. Less is what happens by the clock: the store's file is looked after every now and then. */
    private const LEAST = 0.1;

    /**
     * @param list<string> $paths
     * @return array<string, array<string, float>> system calls of one cycle by name, by path; those that most cycles do without are
     *   left out
     */
    public static function count(array $paths): array
    {
        return Runs::of($paths, ['--tool=none', '--trace-syscalls=yes'], static function (string $few, string $many): array {
            [$before, $after] = [self::named($few), self::named($many)];
            $calls = [];
            foreach ($after as $name => $count) {
                $calls[$name] = ($count - ($before[$name] ?? 0)) / (Runs::MANY - Runs::FEW);
            }
            unset($calls[self::CLOCK]);
            return array_filter($calls, static fn (float|int $rate): bool => $rate >= self::LEAST);
        });
    }

    /** @return array<string, int> how often each was called */
    private static function named(string $said): array
    {
        preg_match_all('/^SYSCALL\[\d+,\d+\]\(\s*\d+\) sys_(\w+)/m', $said, $found);
        return array_count_values($found[1]);
    }
}
