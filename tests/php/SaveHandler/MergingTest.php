<?php

declare(strict_types=1);

namespace Holdfast\Tests\SaveHandler;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\Crowd;
use Holdfast\Tests\Browser\Request;

/**
 * docs/merging.md with `$_SESSION`: what two requests make of one session that both have read.
 */
final class MergingTest extends HandlerTestCase
{
    /**
     * @dataProvider changes
     * @param array<string, mixed> $base
     * @param array<string, mixed> $first what the request makes of it that ends first
     * @param array<string, mixed> $second what the other one makes of it
     * @param array<string, mixed> $merged
     */
    public function testTwoRequestsChangeOneSession(array $base, array $first, array $second, array $merged): void
    {
        $visitor = self::visitor();
        self::show($visitor, ['set' => $base]);
        $this->overlap(
            $visitor,
            self::page(['last' => json_encode($first)]),
            self::page(['last' => json_encode($second)])
        );
        self::assertSame($merged, self::show($visitor)['data']);
    }

    /** @return array<string, array{array<string, mixed>, array<string, mixed>, array<string, mixed>, array<string, mixed>}> */
    public static function changes(): array
    {
        $user = ['user' => ['id' => 7, 'seen' => 1], 'n' => 1];
        return [
            'changes of different keys' => [['a' => 1, 'b' => 1], ['a' => 2, 'b' => 1], ['a' => 1, 'b' => 2], ['a' => 2, 'b' => 2]],
            'the first changed nothing' => [['a' => 1], ['a' => 1], ['a' => 2], ['a' => 2]],
            'the second changed nothing' => [['a' => 1], ['a' => 2], ['a' => 1], ['a' => 2]],
            'both changed the same' => [['a' => 1], ['a' => 2], ['a' => 3], ['a' => 3]],
            'counters are not added up' => [['n' => 5], ['n' => 6], ['n' => 6], ['n' => 6]],
            'keys far below' => [
                ['x' => ['y' => ['z' => ['k' => 1]]]],
                ['x' => ['y' => ['z' => ['k' => 1, 'one' => 1]]]],
                ['x' => ['y' => ['z' => ['k' => 1, 'two' => 2]]]],
                ['x' => ['y' => ['z' => ['k' => 1, 'one' => 1, 'two' => 2]]]],
            ],
            'a logout first' => [$user, ['n' => 1], ['user' => ['id' => 7, 'seen' => 2], 'n' => 1], ['n' => 1]],
            'a logout last' => [$user, ['user' => ['id' => 7, 'seen' => 2], 'n' => 1], ['n' => 1], ['n' => 1]],
            'everything is removed first' => [$user, [], ['user' => ['id' => 7, 'seen' => 2], 'n' => 2], []],
            'everything is removed last' => [$user, ['user' => ['id' => 7, 'seen' => 2], 'n' => 2], [], []],
            'everything is removed, and something is new' => [$user, [], $user + ['new' => 1], ['new' => 1]],
            'null in the place of an array' => [$user, ['user' => null, 'n' => 1], ['user' => ['id' => 7, 'seen' => 2], 'n' => 1], ['user' => null, 'n' => 1]],
            'both append' => [['l' => ['a']], ['l' => ['a', 'b']], ['l' => ['a', 'c']], ['l' => ['a', 'b', 'c']]],
            'one empties, one appends' => [['l' => ['a']], ['l' => []], ['l' => ['a', 'c']], ['l' => ['c']]],
            'one appends, one empties' => [['l' => ['a']], ['l' => ['a', 'b']], ['l' => []], ['l' => ['b']]],
            'both make the same list' => [['n' => 1], ['n' => 1, 'l' => ['a']], ['n' => 1, 'l' => ['b']], ['n' => 1, 'l' => ['a', 'b']]],
            'items in their places' => [['l' => [1, 2, 3]], ['l' => [9, 2, 3]], ['l' => [1, 2, 8]], ['l' => [9, 2, 8]]],
            'integer keys of a map' => [
                ['cart' => ['10' => 1, '20' => 1]],
                ['cart' => ['10' => 2, '20' => 1, '30' => 1]],
                ['cart' => ['20' => 1, '40' => 1]],
                // The removal of 10 wins over its change.
                ['cart' => ['20' => 1, '30' => 1, '40' => 1]],
            ],
        ];
    }

    /** One object in two variables stays one, and is a leaf. */
    public function testObjectsAreLeavesAndStayTheSame(): void
    {
        foreach ([['change', 'beside'], ['beside', 'change']] as [$first, $second]) {
            $visitor = self::visitor();
            self::said($visitor->get('/shared-object.php?do=make'));
            $this->overlap($visitor, "/shared-object.php?do=$first", "/shared-object.php?do=$second");
            $said = self::said($visitor->get('/shared-object.php?do=look'));
            self::assertSame(['n' => 2], $said['data']['a'], "$first, $second");
            self::assertSame(['n' => 2], $said['data']['b']['in'] ?? null, "$first, $second");
            self::assertSame(1, $said['data']['beside'] ?? null);
            self::assertTrue($said['same'], "still one object after $first, $second");
        }
    }

    /** Variables that share an object are one value: both are the later request's. */
    public function testBothChangeVariablesThatShareAnObject(): void
    {
        $expected = [
            'change, replace' => ['a' => ['n' => 1], 'b' => 'replaced'],
            'replace, change' => ['a' => ['n' => 2], 'b' => ['in' => ['n' => 2], 'text' => 'x']],
        ];
        foreach ($expected as $order => $merged) {
            [$first, $second] = explode(', ', $order);
            $visitor = self::visitor();
            self::said($visitor->get('/shared-object.php?do=make'));
            $this->overlap($visitor, "/shared-object.php?do=$first", "/shared-object.php?do=$second");
            self::assertSame($merged, self::said($visitor->get('/shared-object.php?do=look'))['data'], $order);
        }
    }

    /** Both have read the session before the first one ends. */
    private function overlap(Browser $visitor, string $first, string $second): void
    {
        $name = bin2hex(random_bytes(3));
        $at = fn (string $what): string => $this->signal("$what$name");
        $isFirstDone = false;
        $ask = static function (string $page, string $who, bool &$isDone) use ($visitor, $at): iterable {
            $signals = http_build_query(['begun' => $at("begun $who"), 'until' => $at("until $who")]);
            $response = yield [$visitor, new Request("$page&$signals")];
            self::said($response);
            $isDone = true;
        };
        $isSecondDone = false;
        $visits = [$ask($first, 'first', $isFirstDone), $ask($second, 'second', $isSecondDone)];
        Crowd::run($visits, static function () use ($at, &$isFirstDone): void {
            clearstatcache();
            if ($isFirstDone) {
                touch($at('until second'));
            } elseif (file_exists($at('begun first')) && file_exists($at('begun second'))) {
                touch($at('until first'));
            }
        });
    }
}
