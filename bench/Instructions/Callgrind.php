<?php

declare(strict_types=1);

namespace Holdfast\Bench\Instructions;

use RuntimeException;

/**
 * What the paths cost in instructions, by callgrind.
 */
final class Callgrind
{
    private const OPTIONS = ['--tool=callgrind', '--callgrind-out-file=%s'];

    /**
     * @param list<string> $paths
     * @return array<string, int> instructions of one cycle, by path
     */
    public static function count(array $paths): array
    {
        return Runs::of($paths, self::OPTIONS, static fn (string $few, string $many): int =>
            intdiv(self::collected($many) - self::collected($few), Runs::MANY - Runs::FEW));
    }

    /**
     * @param list<string> $paths
     * @return array<string, Profile> by path
     */
    public static function profile(array $paths): array
    {
        return Runs::of($paths, self::OPTIONS, static fn (string $_few, string $_many, string $few, string $many): Profile =>
            Profile::between($few, Runs::FEW, $many, Runs::MANY));
    }

    private static function collected(string $said): int
    {
        if (preg_match('/Collected : (\d+)/', $said, $found) !== 1) {
            throw new RuntimeException("callgrind says no number:\n$said");
        }
        return (int) $found[1];
    }
}
