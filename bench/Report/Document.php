<?php

declare(strict_types=1);

namespace Holdfast\Bench\Report;

/**
 * docs/benchmarks.md and its picture: wholly made from the figures.
 */
final class Document
{
    public const PAGE = 'benchmarks.md';
    public const PICTURE = 'benchmarks.svg';

    /** The tables that are drawn: the first one that was measured. */
    private const DRAWN = ['session-changed', 'class-changed'];

    /**
     * @param list<Section> $sections
     * @param string $machine what it ran on
     * @param list<string> $software with versions
     * @param string|null $warning what makes the figures worse than they could be
     */
    public function __construct(
        private readonly array $sections,
        private readonly string $command,
        private readonly int $rounds,
        private readonly string $machine,
        private readonly array $software,
        private readonly ?string $warning,
    ) {
    }

    /** Writes the page and the picture into a directory. */
    public function write(string $directory): void
    {
        $drawn = $this->drawn();
        @unlink($directory . '/' . self::PICTURE);
        if ($drawn !== null) {
            file_put_contents($directory . '/' . self::PICTURE, Chart::svg($drawn));
        }
        file_put_contents($directory . '/' . self::PAGE, $this->markdown());
    }

    private function markdown(): string
    {
        $tables = $this->tables();
        $parts = [
            '# Benchmarks',
            sprintf(
                'Made by `%s` on %s. Nothing on this page is written by hand; what is measured, and how: [measuring](measuring.md).',
                $this->command,
                gmdate('j F Y')
            ),
            "- Machine: {$this->machine}\n- Software: " . implode(', ', $this->software)
                . ($this->warning === null ? '' : "\n- **{$this->warning}**"),
            "Each figure is the median of {$this->rounds} rounds, in which all took turns. **N×**: how many times as good Holdfast was in the "
                . 'same round, the median of all rounds; below it, where the middle half of the rounds lies.',
        ];
        if ($this->drawn() !== null) {
            $parts[] = sprintf('![%s](%s)', $this->drawn()->title, self::PICTURE);
        }
        $targets = Targets::markdown($tables);
        if ($targets !== '') {
            array_push($parts, '## What it should reach', $targets);
        }
        $losses = Losses::of($tables);
        array_push(
            $parts,
            '## Where Holdfast is behind',
            $losses === []
                ? 'Nowhere in what was measured.'
                : "Whatever was better than Holdfast, by its median, in three quarters of the rounds; *undecided* where it was so in some of "
                    . "them only.\n\n" . implode("\n", $losses)
        );
        foreach ($this->sections as $section) {
            $parts[] = $section->markdown();
        }
        return implode("\n\n", $parts) . "\n";
    }

    /** @return list<Table> */
    private function tables(): array
    {
        return array_merge(...array_map(static fn (Section $one): array => $one->tables, $this->sections));
    }

    private function drawn(): ?Table
    {
        foreach (self::DRAWN as $id) {
            foreach ($this->tables() as $table) {
                if ($table->id === $id) {
                    return $table;
                }
            }
        }
        return null;
    }
}
