<?php

declare(strict_types=1);

namespace Holdfast\Bench\Report;

/**
 * What a room found out.
 */
final class Section
{
    /**
     * @param string $text what was done, in Markdown
     * @param list<Table> $tables
     * @param string $after what follows the tables
     * @param string|null $forReadme what the README has of it
     */
    public function __construct(
        public readonly string $title,
        public readonly string $text,
        public readonly array $tables,
        public readonly string $after = '',
        public readonly ?string $forReadme = null,
    ) {
    }

    public function markdown(): string
    {
        $tables = array_map(static fn (Table $one): string => $one->markdown(), $this->tables);
        $parts = ["## {$this->title}", $this->text, ...$tables, $this->after];
        return implode("\n\n", array_filter($parts, static fn (string $part): bool => $part !== ''));
    }
}
