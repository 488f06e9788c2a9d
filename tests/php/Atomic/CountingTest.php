<?php

declare(strict_types=1);

namespace Holdfast\Tests\Atomic;

use Holdfast\Tests\HoldfastTestCase;

/**
 * increment(), push() and update(): saved at once, and safe in parallel (R07).
 */
final class CountingTest extends HoldfastTestCase
{
    private const PROCESSES = 8;
    private const TIMES = 1000;

    public function testIncrementAddsAsPhpAdds(): void
    {
        $this->roundTrip(
            'assert($session->increment("n") === 1);
             assert($session->increment("n", 5) === 6);
             assert($session->increment("n", -7) === -1);
             assert($session->increment("f", 1.5) === 1.5);
             assert($session->increment("f") === 2.5);
             $session->nothing = null;
             assert($session->increment("nothing") === 1);
             $session->most = PHP_INT_MAX;
             assert($session->increment("most") === PHP_INT_MAX + 1);',
            'assert($session->n === -1 && $session->f === 2.5 && $session->most === (float) PHP_INT_MAX);'
        );
    }

    public function testPushAppendsAndCounts(): void
    {
        $this->roundTrip(
            'assert($session->push("list", "a") === 1);
             assert($session->push("list", ["b" => 1]) === 2);
             $session->map = ["x" => 1];
             assert($session->push("map", null) === 2);',
            'assert($session->list === ["a", ["b" => 1]]); assert($session->map === ["x" => 1, null]);'
        );
    }

    public function testWhatCanNotBeCountedIsNamedAndKept(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $session->text = 'five';
            foreach ([fn () => $session->increment('text'), fn () => $session->push('text', 1)] as $wrong) {
                try {
                    $wrong();
                    assert(false, 'taken');
                } catch (Holdfast\Exception\InvalidArgument $refused) {
                    assert(str_contains($refused->getMessage(), "'text'"), $refused->getMessage());
                }
            }
            try {
                $session->increment('n', '5');
                assert(false, 'taken');
            } catch (Holdfast\Exception\InvalidArgument) {
            }
            assert($session->text === 'five' && !isset($session->n));
            PHP);
    }

    public function testWhatTheRequestHadChangedIsSavedWithIt(): void
    {
        $id = $this->roundTrip('$session->a = 1; $session->kept = ["x"];', '');
        $this->passes("\$mine = new Session(['id' => '$id']);
            \$place = &\$mine->kept;
            \$place[] = 'y';
            \$mine->b = 2;
            \$mine->increment('n');
            \$mine->c = 3;");
        $this->passes("\$session = new Session(['id' => '$id']);
            assert(\$session->getAll() === ['a' => 1, 'kept' => ['x', 'y'], 'b' => 2, 'n' => 1, 'c' => 3]);");
    }

    public function testUpdateGivesTheStoredValueAndTakesTheNewOne(): void
    {
        $this->roundTrip(
            'assert($session->update("stock", fn ($stock) => ($stock ?? 10) - 1) === 9);
             assert($session->update("stock", fn (int $stock) => $stock - 1) === 8);
             assert($session->update("list", fn (?array $list) => [...$list ?? [], "x"]) === ["x"]);
             try {
                 $session->update("stock", fn () => throw new DomainException("sold out"));
                 assert(false);
             } catch (DomainException) {
             }
             try {
                 $session->update("stock", "no such function");
                 assert(false);
             } catch (Holdfast\Exception\InvalidArgument) {
             }',
            'assert($session->stock === 8 && $session->list === ["x"]);'
        );
    }

    public function testUpdateCallsItsFunctionOnceThoughOthersSaveMeanwhile(): void
    {
        $id = $this->roundTrip('$session->n = 0;', '');
        $results = $this->cli()->runTogether(self::PROCESSES, "\$session = new Session(['id' => '$id']);
            \$calls = 0;
            for (\$i = 0; \$i < 200; ++\$i) {
                \$session->update('n', function (int \$n) use (&\$calls) { ++\$calls; return \$n + 1; });
                \$session->set('other ' . getmypid(), \$i);
                \$session->save();
            }
            echo \$calls;");
        foreach ($results as $result) {
            self::assertSame(['200', ''], [$result->output, $result->errors]);
        }
        $this->passes("assert((new Session(['id' => '$id']))->n === 200 * " . self::PROCESSES . ');');
    }

    public function testR07NothingIsLostInParallel(): void
    {
        $id = $this->roundTrip('$session->n = 0;', '');
        $times = self::TIMES;
        $results = $this->cli()->runTogether(self::PROCESSES, "\$session = new Session(['id' => '$id']);
            for (\$i = 0; \$i < $times; ++\$i) {
                \$session->increment('n');
                if (\$i % 10 === 0) {
                    \$session->push('list', getmypid() . \"-\$i\");
                }
            }");
        foreach ($results as $result) {
            self::assertSame('', $result->errors);
        }
        $all = self::PROCESSES * self::TIMES;
        $items = $all / 10;
        $this->passes("\$session = new Session(['id' => '$id']);
            assert(\$session->n === $all, (string) \$session->n);
            assert(count(array_unique(\$session->list)) === $items);");
    }
}
