<?php

declare(strict_types=1);

namespace Holdfast\Tests\Bench;

use Holdfast\Bench\Rooms\EngineRoom;
use PHPUnit\Framework\TestCase;
use RuntimeException;

/**
 * What divan prints is understood.
 */
final class EngineRoomTest extends TestCase
{
    public function testMediansAreReadByOperationSizeAndThreads(): void
    {
        $said = <<<'TEXT'
            Timer precision: 14 ns
            engine               fastest       │ slowest       │ median        │ mean          │ samples │ iters
            ├─ shared_commit                   │               │               │               │         │
            │  ├─ 600                          │               │               │               │         │
            │  │  ├─ t=1         152.7 ns      │ 352.4 ns      │ 153.2 ns      │ 156.5 ns      │ 100     │ 20000
            │  │  │              3.929 GB/s    │ 1.702 GB/s    │ 3.915 GB/s    │ 3.831 GB/s    │         │
            │  │  ╰─ t=4         165.2 ns      │ 395 ns        │ 265.7 ns      │ 273.8 ns      │ 100     │ 20000
            │  ╰─ 20000                        │               │               │               │         │
            │     ├─ t=1         864.1 ns      │ 1.327 µs      │ 1.5 µs        │ 890.7 ns      │ 100     │ 20000
            ╰─ shared_load_same                │               │               │               │         │
               ├─ t=1            103.7 ns      │ 155.6 ns      │ 104 ns        │ 104.7 ns      │ 100     │ 20000
            TEXT;
        self::assertEqualsWithDelta(
            [
                'A record of 600 B committed' => [1 => 153.2, 4 => 265.7],
                'A record of 20 000 B committed' => [1 => 1500.0],
                'A record looked at that is known, and still the same' => [1 => 104.0],
            ],
            EngineRoom::medians($said),
            0.001
        );
    }

    public function testNoFiguresAreAnError(): void
    {
        $this->expectException(RuntimeException::class);
        EngineRoom::medians("error: no such command: `bench`\n");
    }
}
