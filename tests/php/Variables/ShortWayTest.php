<?php

declare(strict_types=1);

namespace Holdfast\Tests\Variables;

use Holdfast\Tests\HoldfastTestCase;

/**
 * Issue 6: most calls take a short way through the extension. It gives what the whole way gives, which a subclass with
 * methods of its own takes.
 */
final class ShortWayTest extends HoldfastTestCase
{
    private const CALLS = 20_000;

    private const WHOLE = <<<'PHP'
        class Whole extends Session
        {
            public function get($key, $_key = null) { return parent::get(...func_get_args()); }
            public function set($key, $value, $_value = null) { return parent::set(...func_get_args()); }
            public function remove($key, $_key = null) { return parent::remove(...func_get_args()); }
            public function changed($what, $old = null, $new = null) { $this->told[] = [$what, $old, $new]; }
            public function __get($name) { return parent::__get($name); }
            public function __set($name, $value) { return parent::__set($name, $value); }
            public function __isset($name) { return parent::__isset($name); }
            public function __unset($name) { return parent::__unset($name); }
            public function offsetGet(mixed $offset): mixed { return parent::offsetGet($offset); }
            public function offsetSet(mixed $offset, mixed $value): void { parent::offsetSet($offset, $value); }
            public function offsetExists(mixed $offset): bool { return parent::offsetExists($offset); }
            public function offsetUnset(mixed $offset): void { parent::offsetUnset($offset); }
            public function count(): int { return parent::count(); }
            public array $told = [];
        }

        PHP;

    public function testBothWaysGiveTheSame(): void
    {
        $seed = random_int(0, PHP_INT_MAX >> 32);
        $calls = self::CALLS;
        $this->passes(self::WHOLE . "mt_srand($seed);\n\$calls = $calls;\n" . <<<'PHP'
            set_error_handler(static fn (int $level, string $message) => throw new ErrorException($message));
            $names = ['a', 'b', 'cart', '12', '-3', '01', '', "\0x", 'CSRF', 'told'];
            $values = [null, false, true, 0, 7, 1.5, NAN, '', '0', 'text', [], ['k' => 1], ['k' => ['deep' => 1], 12 => 'x'],
                [NAN], new stdClass(), STDIN, static fn () => 1];
            $cases = [
                static fn ($s, $n, $k, $v) => $s->get($n),
                static fn ($s, $n, $k, $v) => $s->get($n, $k),
                static fn ($s, $n, $k, $v) => $s->getFor($n, $k),
                static fn ($s, $n, $k, $v) => $s->getFor($v, $k),
                static fn ($s, $n, $k, $v) => $s->getVal($n, 'default'),
                static fn ($s, $n, $k, $v) => $s->set($n, $v) === $s,
                static fn ($s, $n, $k, $v) => $s->set($n, $k, $v) === $s,
                static fn ($s, $n, $k, $v) => $s->set($v, $k) === $s,
                static fn ($s, $n, $k, $v) => $s->setFor($n, $k, $v) === $s,
                static fn ($s, $n, $k, $v) => $s->setFor($n, $k, $v) === $s,
                static fn ($s, $n, $k, $v) => $s->remove($n) === $s,
                static fn ($s, $n, $k, $v) => $s->removeFor($n, $k) === $s,
                static fn ($s, $n, $k, $v) => $n === 'told' ? 0 : $s->$n,
                static fn ($s, $n, $k, $v) => $n === 'told' ? 0 : $s->$n ?? 'none',
                static fn ($s, $n, $k, $v) => $n === 'told' ? 0 : isset($s->$n),
                static fn ($s, $n, $k, $v) => $n === 'told' ? 0 : empty($s->$n),
                static fn ($s, $n, $k, $v) => $n === 'told' ? 0 : isset($s->$n['k']),
                static fn ($s, $n, $k, $v) => $n === 'told' ? 0 : $s->$n = $v,
                static function ($s, $n, $k, $v) { if ($n !== 'told') { unset($s->$n); } },
                static fn ($s, $n, $k, $v) => property_exists($s, 'a'),
                static fn ($s, $n, $k, $v) => $s[$n],
                static fn ($s, $n, $k, $v) => $s[12],
                static fn ($s, $n, $k, $v) => $s[$n] ?? 'none',
                static fn ($s, $n, $k, $v) => $s[$n]['k'] ?? 'none',
                static fn ($s, $n, $k, $v) => isset($s[$n]),
                static fn ($s, $n, $k, $v) => empty($s[$n]),
                static fn ($s, $n, $k, $v) => $s[$n] = $v,
                static fn ($s, $n, $k, $v) => $s[] = $k,
                static function ($s, $n, $k, $v) { unset($s[$n]); },
                static fn ($s, $n, $k, $v) => count($s),
                static fn ($s, $n, $k, $v) => $s->count(),
                static fn ($s, $n, $k, $v) => $s->getAll(),
                static fn ($s, $n, $k, $v) => $s->isChanged($n),
                static fn ($s, $n, $k, $v) => mt_rand(0, 9) === 0 ? $s->resetTrackChanges() === $s : 0,
                static fn ($s, $n, $k, $v) => mt_rand(0, 9) === 0 ? $s->setTrackChanges([true, false, 2, 6][mt_rand(0, 3)]) === $s : 0,
                static fn ($s, $n, $k, $v) => mt_rand(0, 9) === 0 ? $s->save() : 0,
                static fn ($s, $n, $k, $v) => mt_rand(0, 9) === 0 ? $s->close() : 0,
                static fn ($s, $n, $k, $v) => $s->start(),
            ];
            $try = static function ($case, $session, ...$given) {
                try {
                    $result = $case($session, ...$given);
                    return $result instanceof Holdfast\CSRF ? 'CSRF' : $result;
                } catch (Throwable $thrown) {
                    return get_class($thrown) . ': ' . $thrown->getMessage();
                }
            };
            $shown = static fn ($value) => str_replace('Whole', 'Session', var_export($value, true));
            [$short, $whole] = [new Session(['cookie_name' => 'short']), new Whole(['cookie_name' => 'whole'])];
            for ($call = 0; $call < $calls; ++$call) {
                $which = array_rand($cases);
                $given = [$names[array_rand($names)], $names[array_rand($names)], $values[array_rand($values)]];
                $state = mt_rand();
                $results = [];
                foreach ([$short, $whole] as $session) {
                    mt_srand($state);
                    $results[] = $shown($try($cases[$which], $session, ...$given));
                }
                [$one, $other] = $results;
                assert($one === $other, "call $call of case $which with " . $shown($given) . ":\n$one\n$other");
                if ($call % 50 === 0) {
                    foreach ([false, 2, true] as $form) {
                        assert($shown($short->getChanges($form)) === $shown($whole->getChanges($form)), "after call $call");
                    }
                    assert($shown($short->getAll()) === $shown($whole->getAll()), "after call $call");
                }
            }
            assert(count($whole->told) > 100);
            // What can't be stored would be told at the end.
            $short->destroy();
            $whole->destroy();
            PHP);
    }

    public function testWhatGetAllGaveStaysAsItWas(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $change = [
                static fn () => $session->set('a', 2),
                static fn () => $session->set('new', 2),
                static fn () => $session->setFor('ns', 'x', 2),
                static fn () => $session->remove('a'),
                static function () use ($session) { $session['ns']['deep'] = 2; },
                static function () use ($session) { $session->ns['deep'] = 2; },
                static function () use ($session) { $session[] = 2; },
                static function () use ($session) { $session[]['deep'] = 2; },
                static function () use ($session) { $reference = &$session['ns']['x']; $reference = 2; },
                static function () use ($session) { foreach ($session['ns'] as &$item) { $item = 2; } },
                static function () use ($session) { unset($session['a'], $session->ns['x']); },
                static fn () => $session->increment('a'),
                static fn () => $session->save(),
                static fn () => $session->destroy(),
            ];
            foreach ($change as $number => $make) {
                $session->destroy();
                $session->set('a', 1)->set('ns', ['x' => 1]);
                $all = $session->getAll();
                $make();
                assert($all === ['a' => 1, 'ns' => ['x' => 1]], "change $number");
                $all['a'] = 3;
                $all['ns']['x'] = 3;
                assert($session->get('a') !== 3 && $session->getFor('ns', 'x') !== 3, "change $number");
            }
            PHP);
    }

    public function testADestructorOfAReplacedValueMayUseTheSession(): void
    {
        $this->passes(<<<'PHP'
            final class Last
            {
                public function __construct(private Closure $words) {}
                public function __destruct() { ($this->words)(); }
            }
            $session = new Session();
            $said = [];
            $last = static function (string $what) use (&$said, $session): array {
                return [new Last(static function () use (&$said, $session, $what): void {
                    $said[] = $what;
                    $session->set('n', $what)->setFor('ns', 'x', $what)->remove('gone');
                    unset($session->b);
                    $all = $session->getAll();
                    assert($all['n'] === $what && $all['ns']['x'] === $what);
                })];
            };
            $session->set('n', $last('set'))->set('n', 1);
            $session->n = $last('property');
            $session->n = 1;
            $session['n'] = $last('element');
            $session['n'] = 1;
            $session->setFor('ns', 'x', $last('inside'))->setFor('ns', 'x', 1);
            $session->set('gone', $last('removed'))->remove('gone');
            $session->b = $last('unset');
            unset($session->b);
            assert($said === ['set', 'property', 'element', 'inside', 'removed', 'unset']);
            PHP);
    }

    public function testADeclaredPropertyOfASubclassIsNoVariable(): void
    {
        $this->passes(<<<'PHP'
            class Shop extends Session { public $own = 'mine'; protected $inner = 'inner'; }
            $session = new Shop();
            $session->own = 'changed';
            $session->other = 1;
            assert($session->own === 'changed' && isset($session->own) && !isset($session->inner));
            assert($session->getAll() === ['other' => 1]);
            unset($session->own);
            assert(!isset($session->own) && $session->other === 1);
            $session->set('inner', 2);
            assert($session->get('inner') === 2 && $session['inner'] === 2);
            PHP);
    }

    public function testAClosedSessionRefusesEveryChange(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $session->set('a', 1)->set('ns', ['x' => 1]);
            $session->close();
            $changes = [
                static fn () => $session->set('a', 2),
                static fn () => $session->setFor('ns', 'x', 2),
                static fn () => $session->remove('a'),
                static fn () => $session->a = 2,
                static fn () => $session['a'] = 2,
                static function () use ($session) { unset($session->a); },
                static function () use ($session) { unset($session['a']); },
                static fn () => $session['ns']['x'] = 2,
                static fn () => $session->ns['x'] = 2,
            ];
            foreach ($changes as $number => $change) {
                try {
                    $change();
                    assert(false, "change $number");
                } catch (LogicException $refused) {
                    assert(str_starts_with($refused->getMessage(), 'the session is closed'), $refused->getMessage());
                }
            }
            assert($session->a === 1 && $session['ns']['x'] === 1 && $session->getAll() === ['a' => 1, 'ns' => ['x' => 1]]);
            PHP);
    }
}
