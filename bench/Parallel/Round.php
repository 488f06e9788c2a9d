<?php

declare(strict_types=1);

namespace Holdfast\Bench\Parallel;

/**
 * How the scenario went once.
 */
final class Round
{
    /**
     * @param float $seconds from the first request to the last answer
     * @param float $alone how long the one request took that had no other beside it, in seconds
     * @param int $keys of the parallel requests' own keys that are kept
     * @param int $deep of their own keys three levels deep
     * @param int $items of their items of the list
     * @param int $counted what the counter stands at that each has read, raised and written
     * @param int $surplus items of the list that nobody appended, or that are there twice
     * @param int $notOpened requests that were told that their session could not be opened
     */
    public function __construct(
        public readonly float $seconds,
        public readonly float $alone,
        public readonly int $keys,
        public readonly int $deep,
        public readonly int $items,
        public readonly int $counted,
        public readonly int $surplus,
        public readonly int $notOpened,
    ) {
    }
}
