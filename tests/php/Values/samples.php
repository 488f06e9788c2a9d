<?php

declare(strict_types=1);

/**
 * Values of every kind, by a name that says what is special about them.
 *
 * @return array<string, mixed>
 */
function samples(): array
{
    $holes = [1, 2, 3, 4];
    unset($holes[1], $holes[3]);

    $emptied = [1, 2];
    unset($emptied[0], $emptied[1]);

    $shared = ['x' => 1];
    $references = ['a' => &$shared, 'b' => &$shared, 'c' => 1];

    $inItself = ['name' => 'cycle'];
    $inItself['self'] = &$inItself;

    $deep = 'bottom';
    for ($level = 0; $level < 200; ++$level) {
        $deep = $level % 2 ? [$deep] : ['down' => $deep];
    }

    return [
        'null' => null,
        'true' => true,
        'false' => false,
        'zero' => 0,
        'one byte' => 127,
        'negative' => -1,
        'the largest integer' => PHP_INT_MAX,
        'the smallest integer' => PHP_INT_MIN,
        'around 32 bits' => [2 ** 31 - 1, 2 ** 31, -2 ** 31 - 1, 2 ** 32, 2 ** 53 + 1],
        'negative zero' => -0.0,
        'positive zero' => 0.0,
        'not a number' => NAN,
        'infinite' => [INF, -INF],
        'the largest float' => PHP_FLOAT_MAX,
        'the smallest floats' => [PHP_FLOAT_MIN, 4.9406564584124654e-324, PHP_FLOAT_EPSILON],
        'a float without a fraction' => 1.0,
        'a third' => 1 / 3,
        'an empty string' => '',
        'a string of digits' => '0123',
        'text' => "Grüße, 日本語, \u{1F375}",
        'every byte' => implode('', array_map('chr', range(0, 255))),
        'invalid UTF-8' => "\xC3\x28\xFF",
        'a long string' => str_repeat("line\0\n", 20000),
        'an empty array' => [],
        'a list' => [1, 'two', 3.0, null, [true]],
        'a list with holes' => $holes,
        'an array that was emptied' => $emptied,
        'a list that does not begin at 0' => [5 => 'a', 'b'],
        'a list in another order' => [1 => 'b', 0 => 'a'],
        'mixed keys in order' => ['b' => 1, 3 => 2, 'a' => 3, -5 => 4, '' => 5, '01' => 6, '1.5' => 7, "\0" => 8],
        'keys at the limits' => [PHP_INT_MAX => 'max', PHP_INT_MIN => 'min', '9223372036854775808' => 'string'],
        'keys that repeat in rows' => array_fill(0, 300, ['id' => 1, 'title' => 'tea', 'price' => 2.5, 'tags' => ['a']]),
        'nested 200 levels' => $deep,
        'a long list' => range(1, 5000),
        'references within a value' => $references,
        'an array that contains itself' => $inItself,
        'an object' => (object) ['a' => 1, 'b' => [2]],
        'an object with itself inside' => withItself(),
        'one object twice' => twice(),
        'every visibility' => new Visibilities(),
        'an enum' => [Suit::Hearts, Suit::Spades, Unit::Metre],
        'a date' => new DateTimeImmutable('2038-01-19 03:14:08.123456', new DateTimeZone('Europe/Vienna')),
        'a period of time' => new DateInterval('P1Y2M3DT4H5M6S'),
        'an ArrayObject' => new ArrayObject(['a' => new ArrayObject([1])]),
        'a linked list' => linkedList(),
        '__sleep and __wakeup' => new Sleeper('kept', 'dropped'),
        '__serialize and __unserialize' => new Serializer(['a' => 1]),
        'an object deep in arrays' => ['a' => ['b' => [new Serializer([1, 2])]]],
    ];
}

function withItself(): stdClass
{
    $object = new stdClass();
    $object->self = $object;
    $object->list = [$object, ['deep' => $object]];
    return $object;
}

/** @return list<stdClass> */
function twice(): array
{
    $object = (object) ['n' => 1];
    return [$object, $object, clone $object];
}

function linkedList(): SplDoublyLinkedList
{
    $list = new SplDoublyLinkedList();
    $list->push('a');
    $list->push(['b']);
    return $list;
}

enum Suit: string
{
    case Hearts = 'h';
    case Spades = 's';
}

enum Unit
{
    case Metre;
}

class Visibilities
{
    public int $public = 1;
    protected string $protected = 'two';
    private array $private = [3];
    public ?self $typed = null;
    public readonly int $readonly;

    public function __construct()
    {
        $this->readonly = 4;
    }
}

class Sleeper
{
    public string $log = '';

    public function __construct(public string $kept, public ?string $dropped)
    {
    }

    /** @return list<string> */
    public function __sleep(): array
    {
        return ['kept', 'log'];
    }

    public function __wakeup(): void
    {
        $this->dropped = 'woken';
    }
}

class Serializer
{
    /** @param array<int|string, mixed> $data */
    public function __construct(private array $data)
    {
    }

    /** @return array<int|string, mixed> */
    public function __serialize(): array
    {
        return ['wrapped' => $this->data];
    }

    /** @param array<int|string, mixed> $data */
    public function __unserialize(array $data): void
    {
        $this->data = $data['wrapped'];
    }
}
