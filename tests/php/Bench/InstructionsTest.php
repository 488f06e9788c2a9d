<?php

declare(strict_types=1);

namespace Holdfast\Tests\Bench;

use Holdfast\Bench\Instructions\Baseline;
use Holdfast\Bench\Instructions\Callgrind;
use Holdfast\Bench\Instructions\Conditions;
use Holdfast\Bench\Instructions\Runs;
use Holdfast\Bench\Instructions\SystemCalls;
use PHPUnit\Framework\TestCase;

/**
 * Issue 6: the main paths are watched by their instructions, which do not depend on the machine's load.
 */
final class InstructionsTest extends TestCase
{
    /** Two runs on one machine differ by some instructions, where the hash seeds and ids are others. */
    private const REPEATABLE_PER_CENT = 1.0;

    public function testTwoCountsOfOnePathAreNearlyEqual(): void
    {
        $one = Callgrind::count(['session'])['session'];
        $two = Callgrind::count(['session'])['session'];
        self::assertGreaterThan(1000, $one);
        self::assertEqualsWithDelta($one, $two, $one * self::REPEATABLE_PER_CENT / 100);
    }

    public function testTheBaselineHasEveryPathAndSaysForWhatItHolds(): void
    {
        $baseline = Baseline::read(dirname(__DIR__, 3) . '/bench/Instructions/baseline.json');
        self::assertSame(Runs::paths(), array_keys($baseline->counts));
        self::assertSame(array_keys(Conditions::here()), array_keys($baseline->conditions));
    }

    public function testTheMainPathsMakeNoSystemCall(): void
    {
        self::assertSame(array_fill_keys(Runs::paths(), []), SystemCalls::count(Runs::paths()));
    }

    public function testOnlyADearerOrAnUnknownPathFails(): void
    {
        $baseline = new Baseline([], ['same' => 1000, 'within' => 1000, 'dearer' => 1000, 'cheaper' => 1000, 'gone' => 1000]);
        [$lines, $failures, $cheaper] = $baseline->compare(
            ['same' => 1000, 'within' => 1100, 'dearer' => 1101, 'cheaper' => 899, 'unknown' => 5]
        );
        $names = static fn (array $of): array => array_map(static fn (string $line): string => strtok($line, ' '), $of);
        self::assertSame(['same', 'within', 'dearer', 'cheaper', 'unknown', 'gone'], $names($lines));
        self::assertSame(['dearer', 'unknown', 'gone'], $names($failures));
        self::assertSame(['cheaper'], $names($cheaper));
    }

    public function testAnotherVersionIsNamed(): void
    {
        self::assertSame([], Conditions::differences(Conditions::here()));
        $differences = Conditions::differences(['Rust' => '1.0.0'] + Conditions::here());
        self::assertCount(1, $differences);
        self::assertStringStartsWith('Rust ' . Conditions::here()['Rust'], $differences[0]);
        self::assertStringContainsString('1.0.0', $differences[0]);
        self::assertNotContains('unknown', Conditions::here());
    }
}
