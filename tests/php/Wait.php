<?php

declare(strict_types=1);

namespace Holdfast\Tests;

use RuntimeException;

/**
 * Waiting for a condition, never for a time.
 */
final class Wait
{
    private const POLL_MICROSECONDS = 2000;

    /**
     * Returns as soon as $condition holds.
     *
     * @param callable(): bool $condition
     * @param string $what names the condition in the error.
     * @param callable(): string $evidence what to show when it never holds.
     * @throws RuntimeException after $seconds.
     */
    public static function until(callable $condition, string $what, callable $evidence, float $seconds = 10.0): void
    {
        $deadline = microtime(true) + $seconds;
        while (!$condition()) {
            if (microtime(true) > $deadline) {
                throw new RuntimeException("Waited $seconds s in vain: $what.\n" . $evidence());
            }
            usleep(self::POLL_MICROSECONDS);
        }
    }
}
