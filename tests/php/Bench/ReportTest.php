<?php

declare(strict_types=1);

namespace Holdfast\Tests\Bench;

use Holdfast\Bench\Report\Chart;
use Holdfast\Bench\Report\Figures;
use Holdfast\Bench\Report\Losses;
use Holdfast\Bench\Report\Table;
use Holdfast\Bench\Report\Targets;
use Holdfast\Bench\Report\Unit;
use PHPUnit\Framework\TestCase;

/**
 * Issue 6: what is said of the figures follows from them, also where we lose.
 */
final class ReportTest extends TestCase
{
    public function testMedianAndQuartiles(): void
    {
        $figures = Figures::of([9, 1, 5, 3, 7]);
        self::assertSame([3.0, 5.0, 7.0], [$figures->lower(), $figures->median(), $figures->upper()]);
        $even = Figures::of([4, 1, 2, 3]);
        self::assertSame([1.75, 2.5, 3.25], [$even->lower(), $even->median(), $even->upper()]);
        self::assertSame([2.0, 3.0], Figures::of([4, 9])->over(Figures::of([2, 3]))->values);
    }

    public function testAheadMeansBetterInEveryUnit(): void
    {
        $time = self::table(Unit::Microseconds, ['us' => [10, 10, 10], 'them' => [20, 30, 20]]);
        self::assertSame(2.0, $time->ahead('them', 'case')?->median());
        $rate = self::table(Unit::PerSecond, ['us' => [30, 30, 30], 'them' => [10, 10, 5]]);
        self::assertSame(3.0, $rate->ahead('them', 'case')?->median());
        self::assertNull($rate->ahead('us', 'case'));
    }

    public function testWhoIsBetterIsNamedAndWhoIsNotIsNot(): void
    {
        $table = self::table(Unit::Microseconds, [
            'us' => [10, 10, 10, 10],
            'slower' => [11, 12, 13, 14],
            'faster' => [5, 5, 4, 5],
            'sometimes faster' => [8, 8, 20, 20],
            'floor' => [1, 1, 1, 1],
        ], ['floor']);
        $losses = Losses::of([$table]);
        self::assertCount(2, $losses);
        self::assertStringStartsWith('- Title, Case: **faster** is 2.00× as good (5.00 µs against our 10.0 µs;', $losses[0]);
        self::assertStringStartsWith('- Undecided: Title, Case: **sometimes faster** is', $losses[1]);
    }

    public function testATargetIsMetOrMissedByItsMedian(): void
    {
        $table = new Table('session-changed', 'One variable changed', Unit::Microseconds, ['arrays5' => '5 small arrays'], 'holdfast');
        $table->put('holdfast', 'Holdfast', 'arrays5', Figures::of([1, 1, 1]));
        $table->put('files', 'files', 'arrays5', Figures::of([9, 10, 11]));
        $table->put('apcu', 'APCu', 'arrays5', Figures::of([3, 3, 3]));
        $table->put('apcu-igbinary', 'APCu with igbinary', 'arrays5', Figures::of([1.4, 1.4, 1.4]));
        $lines = explode("\n", Targets::markdown([$table]));
        self::assertCount(4, $lines);
        self::assertStringEndsWith('| files | 10.0× | 10.0× (9.50 to 10.5) | met |', $lines[2]);
        self::assertStringEndsWith('| APCu with igbinary | 1.50× | 1.40× (1.40 to 1.40) | **missed** |', $lines[3]);
        self::assertSame('', Targets::markdown([]));
    }

    public function testThePictureHasAMarkForEachFigureAndALegend(): void
    {
        $table = self::table(Unit::Microseconds, ['us' => [10], 'files & <others>' => [20], 'far away' => [9000]]);
        $picture = simplexml_load_string(Chart::svg($table));
        self::assertNotFalse($picture);
        // One of each is the legend's.
        self::assertSame([2, 2, 2], [count($picture->path), count($picture->circle), count($picture->rect)]);
        $texts = array_map('strval', iterator_to_array($picture->text, false));
        self::assertContains('files & <others>', $texts);
        self::assertContains('Case', $texts);
    }

    /**
     * @param array<string, list<int|float>> $rows
     * @param list<string> $outside
     */
    private static function table(Unit $unit, array $rows, array $outside = []): Table
    {
        $table = new Table('id', 'Title', $unit, ['case' => 'Case'], 'us', $outside);
        foreach ($rows as $name => $values) {
            $table->put($name, $name, 'case', Figures::of($values));
        }
        return $table;
    }
}
