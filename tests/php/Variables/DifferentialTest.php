<?php

declare(strict_types=1);

namespace Holdfast\Tests\Variables;

use Holdfast\Tests\HoldfastTestCase;

/**
 * A session behaves as a PHP array does: random changes are made to both, and both are compared again and again, also
 * after the session was saved and loaded anew.
 */
final class DifferentialTest extends HoldfastTestCase
{
    private const CHANGES = 50_000;

    public function testASessionIsAnArray(): void
    {
        $seed = random_int(0, PHP_INT_MAX >> 32);
        $changes = self::CHANGES;
        $this->passes(<<<PHP
            mt_srand($seed);
            \$changes = $changes;
            PHP . <<<'PHP'

            function value(int $depth = 0): mixed
            {
                return match (mt_rand(0, $depth > 3 ? 6 : 9)) {
                    0 => null,
                    1 => mt_rand(0, 1) === 1,
                    2 => mt_rand(),
                    3 => mt_rand() / 7,
                    4 => '',
                    5, 6 => str_repeat(chr(mt_rand(0, 255)), mt_rand(0, 40)),
                    7 => array_map(static fn () => value($depth + 1), range(1, mt_rand(1, 5))),
                    8 => ['a' => value($depth + 1), mt_rand(-3, 3) => value($depth + 1), 'z' => value($depth + 1)],
                    9 => (object) ['in' => value($depth + 1)],
                };
            }

            // Names that fall into the same few places of PHP's hash table, names that are numbers, and odd ones.
            $names = ['', '0', '1', '-1', '01', 'a', 'b', 'c', "\0", 'a long name of a variable', '9223372036854775807'];
            for ($n = 0; $n < 40; ++$n) {
                $names[] = "name$n";
            }

            $session = new Session();
            $model = [];
            $kept = [];
            for ($change = 0; $change < $changes; ++$change) {
                $name = $names[array_rand($names)];
                $property = $name !== '' && $name[0] !== "\0";
                switch (mt_rand(0, 15)) {
                    case 0:
                    case 1:
                    case 2:
                        $value = value();
                        $session->set($name, $value);
                        $model[$name] = $value;
                        break;
                    case 3:
                        $value = value();
                        $session[$name] = $value;
                        $model[$name] = $value;
                        break;
                    case 4:
                        if ($property) {
                            $session->$name = $change;
                            $model[$name] = $change;
                        }
                        break;
                    case 5:
                    case 6:
                        $session->remove($name);
                        unset($model[$name]);
                        break;
                    case 7:
                        unset($session[$name]);
                        unset($model[$name]);
                        break;
                    case 8:
                        if (is_array($model[$name] ?? [])) {
                            $session[$name]['deep'][] = $change;
                            if (!isset($model[$name]['deep']) || is_array($model[$name]['deep'])) {
                                $model[$name]['deep'][] = $change;
                            }
                        }
                        break;
                    case 9:
                        if (is_int($model[$name] ?? '')) {
                            $session[$name] -= 3;
                            $model[$name] -= 3;
                        }
                        break;
                    case 10:
                        assert($session->get($name) == ($model[$name] ?? null), "change $change");
                        assert(isset($session[$name]) === isset($model[$name]), "change $change");
                        break;
                    case 11:
                        if (mt_rand(0, 9) === 0) {
                            $session->close();
                            $session->start();
                        } elseif (mt_rand(0, 3) === 0) {
                            $session->save();
                        }
                        break;
                    case 12:
                    case 13:
                        $key = $names[array_rand($names)];
                        $value = value();
                        $inside = is_array($model[$name] ?? null) ? $model[$name] : [];
                        assert($session->getFor($name, $key) == ($key === '' ? $inside : $inside[$key] ?? null), "change $change");
                        if ($value !== null) {
                            $session->setFor($name, $key, $value);
                            $inside[$key] = $value;
                            $model[$name] = $inside;
                        }
                        break;
                    case 14:
                        $kept[mt_rand(0, 9)] = [$session->getAll(), serialize($model)];
                        break;
                    case 15:
                        $reference = &$session[$name];
                        $session->set($name, $change);
                        assert($reference === $change, "change $change");
                        $reference = [$change];
                        unset($reference);
                        $model[$name] = [$change];
                        break;
                }
                if ($change % 97 === 0) {
                    foreach ($kept as [$all, $then]) {
                        assert(serialize($all) === $then, "what was given before change $change");
                    }
                    assert(count($session) === count($model), "change $change");
                    assert(array_keys($session->getAll()) === array_keys($model), "keys after change $change");
                    assert(serialize($session->getAll()) === serialize($model), "values after change $change");
                }
            }
            $session->close();
            $session->start();
            assert(serialize($session->getAll()) === serialize($model));
            PHP);
    }
}
