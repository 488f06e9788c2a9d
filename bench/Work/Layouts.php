<?php

declare(strict_types=1);

namespace Holdfast\Bench\Work;

use DateTimeImmutable;

/**
 * What the measured sessions hold. Every layout has a number that is changed, and a value that is read.
 */
final class Layouts
{
    /**
     * By name: of what it is made, in words; how many of it; and in which way.
     *
     * @var array<string, array{string, int, string}>
     */
    private const ALL = [
        'text1' => ['1 KB of text', 8, 'texts'],
        'text20' => ['20 KB of text', 170, 'texts'],
        'text200' => ['200 KB of text', 1700, 'texts'],
        'arrays5' => ['5 small arrays', 5, 'arrays'],
        'arrays100' => ['100 small arrays', 100, 'arrays'],
        'arrays1000' => ['1000 small arrays', 1000, 'arrays'],
        'wire20' => ['ProcessWire-like, 20 KB', 5, 'modules'],
        'wire200' => ['ProcessWire-like, 200 KB', 50, 'modules'],
        'objects20' => ['20 KB of objects', 90, 'objects'],
        'class1' => ['1 KB', 7, 'arrays'],
        'class20' => ['20 KB', 145, 'arrays'],
        'class200' => ['200 KB', 1450, 'arrays'],
        'class2000' => ['2 MB', 14500, 'arrays'],
    ];

    public static function title(string $layout): string
    {
        return self::ALL[$layout][0];
    }

    /** @return array<string, mixed> */
    public static function build(string $layout, int $number = 0): array
    {
        [, $count, $kind] = self::ALL[$layout];
        return match ($kind) {
            'texts' => ['n' => $number] + self::each('text', $count, self::text(...)),
            'arrays' => ['n' => $number] + self::each('item', $count, self::item(...)),
            'objects' => ['n' => $number] + self::each('object', $count, self::object(...)),
            // ProcessWire keeps all under one variable.
            'modules' => ['Session' => ['n' => $number] + self::each('Module', $count, self::module(...))],
        };
    }

    /** Whether all stands under $_SESSION['Session']. */
    public static function isNested(string $layout): bool
    {
        return self::ALL[$layout][2] === 'modules';
    }

    /** The variable that is read, and only read. */
    public static function toRead(string $layout): string
    {
        return ['texts' => 'text3', 'arrays' => 'item3', 'objects' => 'object3', 'modules' => 'Module3'][self::ALL[$layout][2]];
    }

    /** How many sessions are used in turn: no more than fit into a worker's memory together. */
    public static function sessions(string $layout): int
    {
        return match (true) {
            str_ends_with($layout, '2000') => 2,
            str_ends_with($layout, '200'), str_ends_with($layout, '1000') => 4,
            default => 8,
        };
    }

    /**
     * @param callable(int): mixed $make
     * @return array<string, mixed>
     */
    private static function each(string $name, int $count, callable $make): array
    {
        $all = [];
        for ($n = 0; $n < $count; ++$n) {
            $all[$name . $n] = $make($n);
        }
        return $all;
    }

    private static function text(int $n): string
    {
        return str_pad("Text number $n, as a form or a page has it", 98, ' and so on');
    }

    /** @return array<string, mixed> */
    private static function item(int $n): array
    {
        return ['id' => $n, 'name' => "Product number $n", 'price' => 9.5 + $n, 'tags' => ['green', "t$n"], 'sold' => false];
    }

    private static function object(int $n): object
    {
        if ($n % 3 === 0) {
            return new DateTimeImmutable('@' . (1_700_000_000 + $n));
        }
        return new Item($n, "Product number $n", ['green', "t$n"], $n % 3 === 1 ? null : new Item($n, 'Part', [], null));
    }

    /** @return array<string, mixed> some 4 KB */
    private static function module(int $n): array
    {
        $rows = [];
        for ($row = 0; $row < 22; ++$row) {
            $rows[] = [
                'id' => 1000 * $n + $row,
                'name' => "page-$n-$row",
                'title' => "The title of page $row of module $n",
                'mod' => 1_700_000_000 + $row,
                'flags' => ['hidden' => false, 'sort' => $row],
            ];
        }
        return ['ts' => 1_700_000_000 + $n, 'sort' => 'title', 'limit' => 25, 'rows' => $rows];
    }
}
