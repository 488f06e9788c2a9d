<?php

declare(strict_types=1);

namespace Holdfast\Bench\Rooms;

use Holdfast\Bench\Report\Section;

/**
 * One part of what is measured. Starts what it needs, and ends it.
 */
interface Room
{
    /** @param callable(string): void $progress takes a line for the screen */
    public function measure(callable $progress): Section;
}
