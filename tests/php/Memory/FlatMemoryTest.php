<?php

declare(strict_types=1);

namespace Holdfast\Tests\Memory;

use Holdfast\Tests\HoldfastTestCase;

/**
 * Issue 2: 200,000 set/get/save cycles keep memory flat. The worker cache, which one endless request may fill to twice its
 * limit, is full before it counts.
 */
final class FlatMemoryTest extends HoldfastTestCase
{
    public function testTwoHundredThousandCycles(): void
    {
        $this->passes(<<<'PHP'
            function residentBytes(): int
            {
                return 4096 * (int) explode(' ', file_get_contents('/proc/self/statm'))[1];
            }

            function cycles(Session $session, int $count): void
            {
                for ($n = 0; $n < $count; ++$n) {
                    $session->set('n', $n);
                    $session->set('text', str_repeat('x', $n % 500));
                    $session->list = [$n, ['deep' => "value $n"]];
                    $session['object'] = (object) ['n' => $n];
                    if ($session->get('n') !== $n || $session['list'][1]['deep'] !== "value $n") {
                        throw new Exception("cycle $n");
                    }
                    $session->save();
                    if ($n % 1000 === 0) {
                        $session->remove('text')->close();
                        $session->start();
                    }
                }
            }

            $session = new Session();
            cycles($session, 20_000);
            gc_collect_cycles();
            [$heap, $resident] = [memory_get_usage(), residentBytes()];
            cycles($session, 180_000);
            gc_collect_cycles();
            $grownHeap = memory_get_usage() - $heap;
            $grownResident = residentBytes() - $resident;
            assert($grownHeap < 64 * 1024, "PHP's heap grew by $grownHeap bytes");
            assert($grownResident < 4 * 1024 * 1024, "the process grew by $grownResident bytes");
            PHP, ['holdfast.worker_cache' => '1M']);
    }
}
