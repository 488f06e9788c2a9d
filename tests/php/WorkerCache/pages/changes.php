<?php

/**
 * Random changes of an array, each of them drawn from the generator that mt_srand() has set: two equal arrays are equal
 * after the same seed.
 */

declare(strict_types=1);

/**
 * What this session may hold beside plain values: objects, or references that stay. PHP's own format tells an object that
 * stands in two places from a reference to it in ways that hang on how often a script holds it.
 */
const WITH_OBJECTS = 'objects';
const WITH_REFERENCES = 'references';

/** An object with properties of every visibility. */
class Item
{
    private array $hidden = ['a' => [1, 2, 3]];
    protected ?Item $next = null;

    public function __construct(public mixed $shown = null)
    {
    }

    public function change(int $n): void
    {
        $this->hidden['a'][] = $n;
        if (count($this->hidden['a']) > 6) {
            $this->hidden['a'] = [$n];
        }
    }
}

/** An object that says itself what of it is kept. */
class Chosen
{
    public array $kept = [];
    public mixed $lost = 'lost';

    public function __serialize(): array
    {
        return ['kept' => $this->kept];
    }

    public function __unserialize(array $data): void
    {
        $this->kept = $data['kept'];
    }
}

function scalar(): mixed
{
    return match (mt_rand(0, 11)) {
        0 => null,
        1 => mt_rand(0, 1) === 1,
        2, 3 => mt_rand(-100, 100),
        4 => mt_rand() / 7,
        5 => '',
        6 => 'x',
        7 => "\0" . chr(mt_rand(0, 255)),
        8 => str_repeat(chr(mt_rand(97, 122)), mt_rand(100, 200)),
        9 => PHP_INT_MIN,
        10 => -0.0,
        11 => 'word ' . mt_rand(0, 20),
    };
}

function name(): int|string
{
    return match (mt_rand(0, 7)) {
        0 => mt_rand(-3, 12),
        1 => 'k',
        2 => '',
        3 => 'a name of a few words',
        default => 'key' . mt_rand(0, 9),
    };
}

function tree(int $depth = 0): mixed
{
    if ($depth > 3 || mt_rand(0, 3) === 0) {
        return scalar();
    }
    $array = [];
    $count = mt_rand(0, 3) === 0 ? mt_rand(0, 40) : mt_rand(0, 6);
    $isList = mt_rand(0, 1) === 0;
    for ($n = 0; $n < $count; ++$n) {
        $value = $count > 8 ? ['id' => $n, 'title' => "row $n", 'at' => scalar()] : tree($depth + 1);
        if ($isList) {
            $array[] = $value;
        } else {
            $array[name()] = $value;
        }
    }
    return $array;
}

/** Changes an array somewhere; deeper ones by references to them. */
function change(array &$array, int $depth = 0): void
{
    if ($depth < 4 && mt_rand(0, 3) > 0) {
        $inner = array_filter($array, 'is_array');
        if ($inner !== []) {
            $key = array_keys($inner)[mt_rand(0, count($inner) - 1)];
            change($array[$key], $depth + 1);
            return;
        }
    }
    if (count($array) > 40) {
        $array = array_slice($array, 0, 20, true);
    }
    $key = $array === [] || mt_rand(0, 2) === 0 ? name() : array_keys($array)[mt_rand(0, count($array) - 1)];
    $holdsNoArrays = array_filter($array, static fn ($item) => !is_scalar($item)) === [];
    switch (mt_rand(0, 43)) {
        case 0:
        case 1:
        case 2:
            $array[$key] = scalar();
            break;
        case 3:
        case 4:
            $array[$key] = tree($depth + 1);
            break;
        case 5:
        case 6:
        case 7:
            unset($array[$key]);
            break;
        case 8:
            $array[] = scalar();
            break;
        case 9:
            array_pop($array);
            break;
        case 10:
            array_shift($array);
            break;
        case 11:
            array_unshift($array, scalar());
            break;
        case 12:
            array_push($array, scalar(), tree($depth + 1));
            break;
        case 13:
            array_splice($array, mt_rand(0, 3), mt_rand(0, 2), [scalar()]);
            break;
        case 14:
            ksort($array);
            break;
        case 15:
            krsort($array, SORT_STRING);
            break;
        case 16:
            if ($holdsNoArrays) {
                sort($array, SORT_STRING);
            }
            break;
        case 17:
            if ($holdsNoArrays) {
                asort($array, SORT_STRING);
            }
            break;
        case 18:
            uksort($array, static fn ($a, $b) => strcmp((string) $b, (string) $a));
            break;
        case 19:
            usort($array, static fn ($a, $b) => strcmp(gettype($a), gettype($b)));
            break;
        case 20:
            uasort($array, static fn ($a, $b) => strcmp(gettype($a), gettype($b)));
            break;
        case 21:
            foreach ($array as $at => &$value) {
                if (is_int($value)) {
                    $value = $value === PHP_INT_MIN ? 0 : $value % 1000 + 1;
                } elseif (is_array($value)) {
                    $value['seen'] = $at;
                }
            }
            break;
        case 22:
            array_walk($array, static function (mixed &$value): void {
                $value = is_string($value) ? substr($value . '!', -30) : $value;
            });
            break;
        case 23:
            array_walk_recursive($array, static function (mixed &$value): void {
                $value = is_float($value) ? null : $value;
            });
            break;
        case 24:
            $array = array_reverse($array, true);
            break;
        case 25:
            $array = array_map(static fn ($value) => $value, $array);
            break;
        case 26:
            $array = array_merge($array, ['merged' => scalar()]);
            break;
        case 27:
            $array += ['added' => tree($depth + 1)];
            break;
        case 28:
            $array = array_replace_recursive($array, ['merged' => ['deep' => scalar()]]);
            break;
        case 29:
            // One array in two places.
            $array['twin'] = $array[$key] ?? null;
            break;
        case 30:
            // A reference that only the script has.
            $other = &$array[$key];
            $other = scalar();
            unset($other);
            break;
        case 31:
            // A reference that stays.
            if (KIND === WITH_REFERENCES) {
                $array['refers'] = &$array['referred'];
                $array['referred'] = scalar();
            }
            break;
        case 32:
            unset($array['refers'], $array['referred']);
            break;
        case 33:
            if (KIND === WITH_OBJECTS) {
                $array['object'] = new Item(scalar());
            }
            break;
        case 34:
            // One object in two places.
            $array['same object'] = $array['object'] ?? null;
            break;
        case 35:
            if (($array['object'] ?? null) instanceof Item) {
                $array['object']->change(mt_rand(0, 9));
            }
            break;
        case 36:
            unset($array['object'], $array['same object'], $array['chosen']);
            break;
        case 37:
            if (KIND === WITH_OBJECTS) {
                $array['chosen'] = new Chosen();
                $array['chosen']->kept = ['tree' => tree($depth + 1)];
            }
            break;
        case 38:
            if (is_string($array[$key] ?? null) && strlen($array[$key]) > 1) {
                $array[$key][1] = '~';
            }
            break;
        case 39:
            if (is_string($array[$key] ?? null) && strlen($array[$key]) < 300) {
                $array[$key] .= ' and more';
            }
            break;
        case 40:
            extract(array_filter($array, 'is_string', ARRAY_FILTER_USE_KEY), EXTR_REFS | EXTR_PREFIX_ALL, 'of');
            if (isset($of_key1)) {
                $of_key1 = scalar();
            }
            break;
        case 41:
            [$first, $second] = [array_key_first($array), array_key_last($array)];
            if ($first !== null) {
                [$array[$first], $array[$second]] = [$array[$second], $array[$first]];
            }
            break;
        case 42:
            (static function (array &$changed): void {
                foreach ((static function &() use (&$changed) {
                    foreach ($changed as &$value) {
                        yield $value;
                    }
                })() as &$value) {
                    if (is_bool($value)) {
                        $value = !$value;
                    }
                }
            })($array);
            break;
        case 43:
            $array = json_decode((string) json_encode(['j' => array_filter($array, 'is_int')]), true) + $array;
            break;
    }
}
