<?php

declare(strict_types=1);

namespace Holdfast\Bench\Report;

/**
 * A table as a picture: a line for each case, a dot for each kind of session on a logarithmic scale. SVG, for light and dark
 * pages.
 */
final class Chart
{
    private const WIDTH = 880;
    private const LEFT = 190;
    private const RIGHT = 30;
    private const TOP = 46;
    private const LINE = 34;
    private const LEGEND_COLUMNS = 2;

    /** Distinguishable without seeing colours by their shapes, too. */
    private const COLOURS = ['#888888', '#b07d48', '#d64550', '#e58a1f', '#8a63d2', '#2f9e5b', '#1f9aa8', '#c2509b', '#6b7fd7', '#777733'];

    public static function svg(Table $table): string
    {
        $rows = $table->rows();
        $reference = (string) $table->reference;
        [$least, $most] = self::range($table);
        $x = static fn (float $value): float => self::LEFT
            + (self::WIDTH - self::LEFT - self::RIGHT) * (log10($value) - $least) / max(1, $most - $least);
        $bottom = self::TOP + self::LINE * count($table->cases);
        $legend = (int) ceil(count($rows) / self::LEGEND_COLUMNS);
        $height = $bottom + 34 + 20 * $legend;
        $out = [
            sprintf('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%1$d" role="img">', self::WIDTH, $height),
            '<title>' . self::text($table->title) . '</title>',
            '<style>text{font:13px system-ui,sans-serif;fill:#24292f}.grid{stroke:#d0d7de}.small{font-size:11px;fill:#57606a}'
                . '.title{font-weight:600;font-size:15px}.us{fill:#0969da}'
                . '@media(prefers-color-scheme:dark){text{fill:#e6edf3}.grid{stroke:#3d444d}.small{fill:#9198a1}.us{fill:#4493f8}}</style>',
            sprintf('<text class="title" x="8" y="20">%s</text>', self::text($table->title . ': ' . self::scale($table->unit))),
        ];
        for ($power = $least; $power <= $most; ++$power) {
            $at = $x(10 ** $power);
            $out[] = sprintf('<line class="grid" x1="%.1f" y1="%d" x2="%1$.1f" y2="%d"/>', $at, self::TOP - 6, $bottom);
            $out[] = sprintf('<text class="small" x="%.1f" y="%d" text-anchor="middle">%s</text>', $at, $bottom + 16, self::text($table->unit->say(10 ** $power)));
        }
        $y = self::TOP + self::LINE / 2;
        foreach ($table->cases as $case => $name) {
            $out[] = sprintf('<text x="8" y="%.1f">%s</text>', $y + 4, self::text($name));
            $out[] = sprintf('<line class="grid" x1="%d" y1="%.1f" x2="%d" y2="%2$.1f"/>', self::LEFT, $y, self::WIDTH - self::RIGHT);
            // The reference lies on top of the others.
            $order = array_keys($rows);
            usort($order, static fn (int|string $one, int|string $other): int => ($one === $reference) <=> ($other === $reference));
            foreach ($order as $row) {
                $at = array_search($row, array_keys($rows), true);
                $figures = $table->figures((string) $row, (string) $case);
                if ($figures !== null) {
                    $out[] = self::mark($x(max($figures->median(), 10 ** $least)), $y, $at, $row === $reference);
                }
            }
            $y += self::LINE;
        }
        foreach (array_values($rows) as $at => $name) {
            $column = intdiv($at, $legend);
            $left = 20 + $column * self::WIDTH / self::LEGEND_COLUMNS;
            $top = $bottom + 42 + 20 * ($at % $legend);
            $out[] = self::mark($left, $top - 4, $at, array_keys($rows)[$at] === $reference);
            $out[] = sprintf('<text x="%.1f" y="%.1f">%s</text>', $left + 14, $top, self::text($name));
        }
        return implode("\n", $out) . "\n</svg>\n";
    }

    private static function mark(float $x, float $y, int $number, bool $isReference): string
    {
        if ($isReference) {
            return sprintf('<path class="us" d="M%.1f %.1fl7 7l-7 7l-7-7z"/>', $x, $y - 7);
        }
        $colour = self::COLOURS[$number % count(self::COLOURS)];
        return $number % 2 === 1
            ? sprintf('<circle cx="%.1f" cy="%.1f" r="5" fill="%s"/>', $x, $y, $colour)
            : sprintf('<rect x="%.1f" y="%.1f" width="9" height="9" fill="%s"/>', $x - 4.5, $y - 4.5, $colour);
    }

    /** @return array{int, int} powers of ten that all medians lie between */
    private static function range(Table $table): array
    {
        $medians = [];
        foreach (array_keys($table->rows()) as $row) {
            foreach (array_keys($table->cases) as $case) {
                $medians[] = max(1e-3, $table->figures((string) $row, (string) $case)?->median() ?? 1.0);
            }
        }
        return [(int) floor(log10(min($medians))), (int) ceil(log10(max($medians)))];
    }

    private static function scale(Unit $unit): string
    {
        return $unit->lessIsBetter() ? 'less is better, logarithmic' : 'more is better, logarithmic';
    }

    private static function text(string $markdown): string
    {
        return htmlspecialchars(strtr($markdown, ['**' => '', '`' => '']), ENT_XML1);
    }
}
