<?php

declare(strict_types=1);

namespace Holdfast\Bench\Report;

/**
 * One figure of every round, in the order of the rounds.
 */
final class Figures
{
    /** @param non-empty-list<float> $values */
    public function __construct(public readonly array $values)
    {
    }

    /** @param non-empty-list<float|int> $values */
    public static function of(array $values): self
    {
        return new self(array_map('floatval', $values));
    }

    public function median(): float
    {
        return $this->quantile(0.5);
    }

    /** A quarter of the figures is lower. */
    public function lower(): float
    {
        return $this->quantile(0.25);
    }

    /** A quarter of the figures is higher. */
    public function upper(): float
    {
        return $this->quantile(0.75);
    }

    /**
     * How many times as much, round by round: what else the machine did in a round meets both.
     */
    public function over(self $other): self
    {
        return new self(array_map(static fn (float $one, float $two): float => $one / max($two, 1e-9), $this->values, $other->values));
    }

    private function quantile(float $part): float
    {
        $sorted = $this->values;
        sort($sorted);
        $at = $part * (count($sorted) - 1);
        $below = (int) floor($at);
        $above = min($below + 1, count($sorted) - 1);
        return $sorted[$below] + ($at - $below) * ($sorted[$above] - $sorted[$below]);
    }
}
