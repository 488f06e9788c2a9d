<?php

declare(strict_types=1);

namespace Holdfast\Bench\Report;

/**
 * Where others are better, found in the figures.
 */
final class Losses
{
    /**
     * @param list<Table> $tables
     * @return list<string> in Markdown, the greatest loss first
     */
    public static function of(array $tables): array
    {
        $losses = $draws = [];
        foreach ($tables as $table) {
            foreach ($table->rows() as $row => $name) {
                foreach (in_array($row, $table->outside, true) ? [] : $table->cases as $case => $what) {
                    $ahead = $table->ahead($row, (string) $case);
                    if ($ahead === null || $ahead->lower() >= 1.0) {
                        continue;
                    }
                    $line = sprintf(
                        '%s, %s: **%s** is %s× as good (%s against our %s; %s to %s).',
                        $table->title,
                        $what,
                        strtr($name, ['**' => '']),
                        Unit::digits(1 / max($ahead->median(), 1e-9)),
                        $table->unit->say($table->figures($row, (string) $case)->median()),
                        $table->unit->say($table->figures((string) $table->reference, (string) $case)->median()),
                        Unit::digits(1 / max($ahead->upper(), 1e-9)),
                        Unit::digits(1 / max($ahead->lower(), 1e-9))
                    );
                    $ahead->upper() < 1.0 ? $losses[$line] = $ahead->median() : $draws[$line] = $ahead->median();
                }
            }
        }
        asort($losses);
        asort($draws);
        return [
            ...array_map(static fn (string $line): string => "- $line", array_keys($losses)),
            ...array_map(static fn (string $line): string => "- Undecided: $line", array_keys($draws)),
        ];
    }
}
