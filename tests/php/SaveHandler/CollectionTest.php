<?php

declare(strict_types=1);

namespace Holdfast\Tests\SaveHandler;

use Holdfast\Tests\Wait;

/**
 * R27: session_gc() tells how many sessions it removed. A class of its own, so that no other test's sessions expire
 * meanwhile.
 */
final class CollectionTest extends HandlerTestCase
{
    public function testGcTellsHowManyItRemoved(): void
    {
        $keeper = self::visitor();
        self::show($keeper, ['set' => ['n' => 1]]);
        self::show($keeper, ['do' => 'gc']);
        for ($n = 0; $n < 7; ++$n) {
            self::show(self::visitor(), ['ini' => ['session.gc_maxlifetime' => 1], 'set' => ['n' => $n]]);
        }
        $sessions = self::sessions();
        self::assertSame([0], self::show($keeper, ['do' => 'gc'])['done']);
        $this->pass(1.1);
        self::assertSame([7], self::show($keeper, ['do' => 'gc'])['done']);
        self::assertSame([0], self::show($keeper, ['do' => 'gc'])['done']);
        self::assertSame($sessions - 7, self::sessions());
        self::assertSame(['n' => 1], self::show($keeper)['data']);
    }

    /** Only time itself can be waited for here. */
    private function pass(float $seconds): void
    {
        $end = microtime(true) + $seconds;
        Wait::until(static fn (): bool => microtime(true) > $end, 'time passes', static fn (): string => '');
    }
}
