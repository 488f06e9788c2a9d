<?php

declare(strict_types=1);

namespace Holdfast\Bench\Report;

/**
 * What was measured of several kinds of sessions, in several cases, and how many times as good one of them was.
 */
final class Table
{
    /** @var array<string, array<string, Figures>> by row and case */
    private array $figures = [];

    /** @var array<string, string> names of rows by their ids */
    private array $rows = [];

    /**
     * @param string $id for those who ask for a cell
     * @param array<string, string> $cases names by their ids
     * @param string|null $reference the row that the others are compared with; null: there is no comparison
     * @param list<string> $outside rows that are no competitors: Holdfast in another way, and what costs the same without a
     *   session
     * @param bool $casesAsRows how it is drawn
     */
    public function __construct(
        public readonly string $id,
        public readonly string $title,
        public readonly Unit $unit,
        public readonly array $cases,
        public readonly ?string $reference,
        public readonly array $outside = [],
        public readonly bool $casesAsRows = false,
    ) {
    }

    public function put(string $row, string $name, string $case, Figures $figures): void
    {
        $this->rows[$row] = $name;
        $this->figures[$row][$case] = $figures;
    }

    /** @return array<string, string> names by their ids */
    public function rows(): array
    {
        return $this->rows;
    }

    public function figures(string $row, string $case): ?Figures
    {
        return $this->figures[$row][$case] ?? null;
    }

    /** How many times as good as a row the reference is, in a case: above 1 it is ahead. */
    public function ahead(string $row, string $case): ?Figures
    {
        $reference = $this->reference === null ? null : $this->figures($this->reference, $case);
        $other = $this->figures($row, $case);
        if ($reference === null || $other === null || $row === $this->reference) {
            return null;
        }
        return $this->unit->lessIsBetter() ? $other->over($reference) : $reference->over($other);
    }

    public function markdown(): string
    {
        $heads = $this->casesAsRows ? $this->rows : $this->cases;
        $lines = [
            "**{$this->title}**",
            '',
            '| | ' . implode(' | ', $heads) . ' |',
            '|---' . str_repeat('|---:', count($heads)) . '|',
        ];
        foreach ($this->casesAsRows ? $this->cases : $this->rows as $id => $name) {
            $cells = array_map(
                fn (string $head): string => $this->casesAsRows ? $this->cell($head, $id) : $this->cell($id, $head),
                array_map('strval', array_keys($heads))
            );
            $lines[] = "| $name | " . implode(' | ', $cells) . ' |';
        }
        return implode("\n", $lines);
    }

    private function cell(string $row, string $case): string
    {
        $figures = $this->figures($row, $case);
        if ($figures === null) {
            return '';
        }
        $said = $this->unit->say($figures->median());
        $ahead = $this->ahead($row, $case);
        if ($ahead === null) {
            return $row === $this->reference ? "**$said**" : $said;
        }
        return sprintf(
            '%s, %s×<br><sub>%s to %s</sub>',
            $said,
            Unit::digits($ahead->median()),
            Unit::digits($ahead->lower()),
            Unit::digits($ahead->upper())
        );
    }
}
