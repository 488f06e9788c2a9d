<?php

declare(strict_types=1);

namespace Holdfast\Bench\Report;

/**
 * What a table's figures are.
 */
enum Unit
{
    case Microseconds;
    case Nanoseconds;
    case Milliseconds;
    case PerSecond;
    case Bytes;
    case Count;

    public function lessIsBetter(): bool
    {
        return $this !== self::PerSecond;
    }

    /** A figure with its unit, to three digits. */
    public function say(float $figure): string
    {
        return match ($this) {
            self::Microseconds => $figure >= 10_000 ? self::digits($figure / 1000) . ' ms' : self::digits($figure) . ' µs',
            self::Nanoseconds => self::digits($figure) . ' ns',
            self::Milliseconds => self::digits($figure) . ' ms',
            self::PerSecond => number_format($figure, 0, '.', ' ') . '/s',
            self::Count => sprintf('%.2f', $figure),
            self::Bytes => number_format($figure, 0, '.', ' ') . ' B',
        };
    }

    public static function digits(float $figure): string
    {
        return match (true) {
            $figure >= 100 => number_format($figure, 0, '.', ' '),
            $figure >= 10 => sprintf('%.1f', $figure),
            default => sprintf('%.2f', $figure),
        };
    }
}
