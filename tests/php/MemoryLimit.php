<?php

declare(strict_types=1);

namespace Holdfast\Tests;

use PHPUnit\Framework\Assert;

/**
 * PHP's memory_limit, which only its own allocator keeps: with USE_ZEND_ALLOC=0, as sanitizers want it, there is none.
 */
final class MemoryLimit
{
    /** Skips the test that is running where no script dies of its memory limit. */
    public static function isNeeded(): void
    {
        if (getenv('USE_ZEND_ALLOC') === '0') {
            Assert::markTestSkipped("Without PHP's allocator there is no memory limit");
        }
    }
}
