<?php

declare(strict_types=1);

namespace Holdfast\Bench\Instructions;

use RuntimeException;

/**
 * What the paths cost when somebody last looked, and the comparison with it.
 */
final class Baseline
{
    /** By how much a path may cost more, in per cent of the baseline, before the check fails. Two runs differ by 0.01. */
    public const MARGIN = 10;

    /**
     * @param array<string, string> $conditions that the counts hold for
     * @param array<string, int> $counts instructions of one cycle, by path
     */
    public function __construct(public readonly array $conditions, public readonly array $counts)
    {
    }

    public static function read(string $file): self
    {
        $said = json_decode((string) @file_get_contents($file), true);
        if (!is_array($said) || !is_array($said['conditions'] ?? null) || !is_array($said['instructions'] ?? null)) {
            throw new RuntimeException("$file is no baseline: write one by 'make instructions-baseline'.");
        }
        return new self($said['conditions'], $said['instructions']);
    }

    public function write(string $file): void
    {
        $said = ['conditions' => $this->conditions, 'instructions' => $this->counts];
        file_put_contents($file, json_encode($said, JSON_PRETTY_PRINT | JSON_UNESCAPED_SLASHES | JSON_THROW_ON_ERROR) . "\n");
    }

    /**
     * @param array<string, int> $counts
     * @return array{list<string>, list<string>, list<string>} a line for each path; those of them that say that it became
     *   dearer than the margin allows, that the baseline does not know it, or that it is gone; those that became cheaper by
     *   as much
     */
    public function compare(array $counts): array
    {
        $lines = $failures = $cheaper = [];
        foreach ($counts + $this->counts as $path => $_) {
            $now = $counts[$path] ?? null;
            $then = $this->counts[$path] ?? null;
            $line = sprintf('%-24s %9s instructions, baseline %9s', $path, $now ?? 'none', $then ?? 'none');
            $change = $now !== null && $then !== null ? 100 * ($now - $then) / $then : null;
            $lines[] = $line . ($change === null ? '' : sprintf(' (%+.1f %%)', $change));
            if ($change === null || $change > self::MARGIN) {
                $failures[] = end($lines);
            } elseif ($change < -self::MARGIN) {
                $cheaper[] = end($lines);
            }
        }
        return [$lines, $failures, $cheaper];
    }
}
