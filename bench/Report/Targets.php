<?php

declare(strict_types=1);

namespace Holdfast\Bench\Report;

/**
 * What the project set itself to reach, and whether the figures say that it has.
 */
final class Targets
{
    /**
     * How many times as good as whom, by table and case. 'apcu*': the better one of APCu's.
     *
     * @var list<array{string, string, string, float}> table, case, row, times
     */
    private const ALL = [
        ['session-changed', 'arrays5', 'files', 10.0],
        ['session-changed', 'arrays100', 'files', 20.0],
        ['session-changed', 'arrays1000', 'files', 15.0],
        ['session-changed', 'wire20', 'files', 25.0],
        ['session-changed', 'wire200', 'files', 40.0],
        ['session-unchanged', 'arrays5', 'files', 15.0],
        ['session-unchanged', 'arrays100', 'files', 60.0],
        ['session-unchanged', 'arrays1000', 'files', 200.0],
        ['session-changed', 'arrays5', 'apcu*', 1.5],
        ['session-changed', 'arrays100', 'apcu*', 8.0],
        ['session-changed', 'arrays1000', 'apcu*', 8.0],
        ['session-changed', 'wire20', 'apcu*', 8.0],
        ['session-changed', 'wire200', 'apcu*', 8.0],
        ['session-changed', 'arrays5', 'redis', 50.0],
        ['session-cold', 'arrays100', 'apcu-igbinary', 1.0],
        ['session-cold', 'wire20', 'apcu-igbinary', 1.0],
        ['session-cold', 'wire200', 'apcu-igbinary', 1.0],
        ['class-changed', 'class200', 'files', 40.0],
        ['calls', "get('name')", 'plain', 1.0],
    ];

    /**
     * @param list<Table> $tables
     * @return string a table in Markdown; '' when nothing of it was measured
     */
    public static function markdown(array $tables): string
    {
        $byId = [];
        foreach ($tables as $table) {
            $byId[$table->id] = $table;
        }
        $lines = [];
        foreach (self::ALL as [$id, $case, $row, $times]) {
            $table = $byId[$id] ?? null;
            $row = $table !== null && $row === 'apcu*' ? self::best($table, $case, ['apcu', 'apcu-igbinary']) : $row;
            $ahead = $table?->ahead($row, $case);
            if ($table === null || $ahead === null) {
                continue;
            }
            $lines[] = sprintf(
                '| %s, %s | %s | %s× | %s× (%s to %s) | %s |',
                $table->title,
                $table->cases[$case],
                $table->rows()[$row],
                Unit::digits($times),
                Unit::digits($ahead->median()),
                Unit::digits($ahead->lower()),
                Unit::digits($ahead->upper()),
                $ahead->median() >= $times ? 'met' : '**missed**'
            );
        }
        return $lines === [] ? '' : implode("\n", ['| | as against | target | measured | |', '|---|---|---:|---:|---|', ...$lines]);
    }

    /** @param list<string> $rows */
    private static function best(Table $table, string $case, array $rows): string
    {
        $ahead = [];
        foreach ($rows as $row) {
            $ahead[$row] = $table->ahead($row, $case)?->median() ?? INF;
        }
        asort($ahead);
        return (string) array_key_first($ahead);
    }
}
