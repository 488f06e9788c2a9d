<?php

declare(strict_types=1);

namespace Holdfast\Bench\Instructions;

use Holdfast\Tests\Extension;

/**
 * What a count depends on beside our own code: with another compiler or another PHP the same source is other instructions.
 * Patch releases differ by less than the margin, so they are not looked at.
 */
final class Conditions
{
    /** @return array<string, string> name => version, of this machine and of the built extension */
    public static function here(): array
    {
        return [
            'machine' => php_uname('m'),
            'PHP' => PHP_MAJOR_VERSION . '.' . PHP_MINOR_VERSION . (PHP_ZTS ? ' ZTS' : ' NTS') . (PHP_DEBUG ? ' debug' : ''),
            'Rust' => self::compiler(),
            'valgrind' => self::found('/valgrind-(\d+\.\d+)/', (string) shell_exec('valgrind --version')),
            'libc' => self::found('/(\d+\.\d+)\s*$/m', (string) shell_exec('ldd --version 2>/dev/null | head -n 1')),
        ];
    }

    /**
     * @param array<string, string> $there
     * @return list<string> what differs here, in words
     */
    public static function differences(array $there): array
    {
        $differences = [];
        foreach (self::here() as $name => $version) {
            $other = $there[$name] ?? 'unknown';
            if ($other !== $version) {
                $differences[] = "$name $version (baseline: $other)";
            }
        }
        return $differences;
    }

    /** The one that built the extension, by its own note in the library. */
    private static function compiler(): string
    {
        return self::found('/rustc version (\d+\.\d+)/', (string) file_get_contents(Extension::path()));
    }

    private static function found(string $pattern, string $in): string
    {
        return preg_match($pattern, $in, $found) === 1 ? $found[1] : 'unknown';
    }
}
