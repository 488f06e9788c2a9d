<?php

declare(strict_types=1);

namespace Holdfast\Bench\Work;

/**
 * What Holdfast says of itself in phpinfo().
 */
final class Figures
{
    private const CACHE = 'Worker cache';

    /** @return array<string, int> of the store */
    public static function ofStore(): array
    {
        return array_filter(self::all(), static fn (string $name): bool => !str_starts_with($name, self::CACHE), ARRAY_FILTER_USE_KEY);
    }

    /** @return array<string, int> of this worker's cache; none when there is no such thing */
    public static function ofCache(): array
    {
        return array_filter(self::all(), static fn (string $name): bool => str_starts_with($name, self::CACHE), ARRAY_FILTER_USE_KEY);
    }

    /** @return array<string, int> */
    private static function all(): array
    {
        ob_start();
        phpinfo(INFO_MODULES);
        preg_match_all('~<tr><td class="e">([^<]+?) *</td><td class="v">(\d+) *</td></tr>~', (string) ob_get_clean(), $found, PREG_SET_ORDER);
        return array_column(array_map(static fn (array $row): array => [$row[1], (int) $row[2]], $found), 1, 0);
    }
}
