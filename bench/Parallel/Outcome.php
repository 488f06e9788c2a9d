<?php

declare(strict_types=1);

namespace Holdfast\Bench\Parallel;

use Holdfast\Bench\Peers\Peer;

/**
 * All rounds of one kind of session.
 */
final class Outcome
{
    /** @param non-empty-list<Round> $rounds */
    public function __construct(public readonly Peer $contestant, public readonly array $rounds)
    {
    }

    public function median(string $figure): float
    {
        $sorted = $this->sorted($figure);
        $middle = intdiv(count($sorted), 2);
        return count($sorted) % 2 === 1 ? $sorted[$middle] : ($sorted[$middle - 1] + $sorted[$middle]) / 2;
    }

    public function least(string $figure): float|int
    {
        return min(array_column($this->rounds, $figure));
    }

    public function most(string $figure): float|int
    {
        return max(array_column($this->rounds, $figure));
    }

    public function total(string $figure): float|int
    {
        return array_sum(array_column($this->rounds, $figure));
    }

    /** @return non-empty-list<float|int> */
    private function sorted(string $figure): array
    {
        $values = array_column($this->rounds, $figure);
        sort($values);
        return $values;
    }
}
