<?php

declare(strict_types=1);

namespace Holdfast\Bench\Parallel;

use RuntimeException;

/**
 * The outcomes as a table in Markdown, and its place in a document.
 */
final class Report
{
    public const BEGIN = '<!-- compare:begin -->';
    public const END = '<!-- compare:end -->';

    /**
     * @param non-empty-list<Outcome> $outcomes
     * @param string $machine what it ran on
     */
    public static function markdown(array $outcomes, string $machine): string
    {
        $requests = Scenario::REQUESTS;
        $milliseconds = Scenario::HOLD_MILLISECONDS;
        $rounds = count($outcomes[0]->rounds);
        $lines = [
            "| one visitor, $requests parallel requests of $milliseconds ms | all answered after | one such request alone"
                . " | of $requests variables kept | of $requests three levels deep | of $requests items of one list | of $requests counted |",
            '|---|---|---|---|---|---|---|',
        ];
        foreach ($outcomes as $outcome) {
            $lines[] = '| ' . implode(' | ', self::cells($outcome)) . ' |';
        }
        $lines[] = '';
        $lines[] = "Times: the median (least to most) of $rounds rounds. Kept: in the worst round (in all rounds together).";
        $lines[] = "Made by `make bench` on $machine.";
        foreach ($outcomes as $outcome) {
            array_push($lines, ...self::remarks($outcome));
        }
        return implode("\n", $lines);
    }

    /**
     * @param string $text what shall stand between the markers
     * @throws RuntimeException when the document has not each marker once, in order
     */
    public static function insert(string $document, string $text): string
    {
        if (substr_count($document, self::BEGIN) !== 1 || substr_count($document, self::END) !== 1) {
            throw new RuntimeException('The document needs one ' . self::BEGIN . ' and one ' . self::END . '.');
        }
        [$before, $rest] = explode(self::BEGIN, $document);
        if (!str_contains($rest, self::END)) {
            throw new RuntimeException('In the document ' . self::END . ' comes before ' . self::BEGIN . '.');
        }
        [, $after] = explode(self::END, $rest);
        return $before . self::BEGIN . "\n" . $text . "\n" . self::END . $after;
    }

    /** @return list<string> */
    private static function cells(Outcome $outcome): array
    {
        return [
            $outcome->contestant->name,
            sprintf(
                '%d ms (%d to %d)',
                round($outcome->median('seconds') * 1000),
                round($outcome->least('seconds') * 1000),
                round($outcome->most('seconds') * 1000)
            ),
            sprintf('%d ms', round($outcome->median('alone') * 1000)),
            self::kept($outcome, 'keys'),
            self::kept($outcome, 'deep'),
            self::kept($outcome, 'items'),
            self::kept($outcome, 'counted'),
        ];
    }

    private static function kept(Outcome $outcome, string $figure): string
    {
        return sprintf(
            $outcome->least($figure) === Scenario::REQUESTS ? '%d (%d of %d)' : '**%d** (%d of %d)',
            $outcome->least($figure),
            $outcome->total($figure),
            Scenario::REQUESTS * count($outcome->rounds)
        );
    }

    /** @return list<string> what the table has no column for, where there was such */
    private static function remarks(Outcome $outcome): array
    {
        $remarks = [];
        $figures = ['notOpened' => 'requests could not open the session', 'surplus' => 'items too many in the list'];
        foreach ($figures as $figure => $what) {
            if ($outcome->total($figure) > 0) {
                $remarks[] = "{$outcome->contestant->name}: {$outcome->total($figure)} $what.";
            }
        }
        return $remarks;
    }
}
