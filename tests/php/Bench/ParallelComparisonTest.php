<?php

declare(strict_types=1);

namespace Holdfast\Tests\Bench;

use Holdfast\Bench\Parallel\Comparison;
use Holdfast\Bench\Parallel\Contestants;
use Holdfast\Bench\Parallel\Outcome;
use Holdfast\Bench\Parallel\Report;
use Holdfast\Bench\Parallel\Scenario;
use Holdfast\Bench\Peers\Peer;
use Holdfast\Tests\TemporaryDirectory;
use PHPUnit\Framework\TestCase;
use RuntimeException;

/**
 * Issue 3: the scenario of `make bench ONLY=parallel`, for those kinds of sessions that need no server; and the table that
 * it writes. With phpredis it runs there only.
 */
final class ParallelComparisonTest extends TestCase
{
    private const ROUNDS = 3;

    /** All requests one after the other. */
    private const SERIAL_SECONDS = Scenario::REQUESTS * Scenario::HOLD_MILLISECONDS / 1000;

    public function testHoldfastKeepsAllInParallelAndFilesDoOneAfterTheOther(): void
    {
        $directory = new TemporaryDirectory();
        mkdir($directory->path . '/files', 0700);
        $comparison = null;
        try {
            $comparison = new Comparison(self::contestants($directory->path));
            $outcomes = $comparison->run(self::ROUNDS);
        } finally {
            $comparison?->stop();
            $directory->remove();
        }
        [$files, $locked, $superglobal, $class] = $outcomes;
        foreach ($outcomes as $outcome) {
            self::assertCount(self::ROUNDS, $outcome->rounds);
            self::assertAllKept($outcome);
        }
        foreach ([$files, $locked] as $serial) {
            self::assertGreaterThanOrEqual(self::SERIAL_SECONDS, $serial->least('seconds'), $serial->contestant->name);
            self::assertSame(Scenario::REQUESTS, $serial->least('counted'), $serial->contestant->name);
        }
        foreach ([$superglobal, $class] as $parallel) {
            // `make bench` measures; this only tells parallel from serial, however busy the machine is.
            self::assertLessThan(self::SERIAL_SECONDS / 2, $parallel->least('seconds'), $parallel->contestant->name);
        }
    }

    public function testOnlyTheComparisonNeedsPhpRedis(): void
    {
        foreach (self::contestants('/nowhere') as $contestant) {
            self::assertStringNotContainsString('redis', serialize($contestant));
        }
    }

    public function testTheTableInTheReadmeHasALineForEachKindOfSession(): void
    {
        $readme = (string) file_get_contents(dirname(__DIR__, 3) . '/README.md');
        [, $rest] = explode(Report::BEGIN, $readme);
        [$table] = explode(Report::END, $rest);
        preg_match_all('/^\| (.*?) \|/m', $table, $found);
        $names = array_map(
            static fn (Peer $one): string => $one->name,
            Contestants::all('/nowhere', '/nowhere/redis.sock')
        );
        self::assertSame($names, array_slice($found[1], 1), "run 'make bench ONLY=parallel'");
    }

    public function testTheReportReplacesWhatStandsBetweenTheMarkers(): void
    {
        $document = "before\n" . Report::BEGIN . "\nold\n" . Report::END . "\nafter";
        $expected = "before\n" . Report::BEGIN . "\nnew\n" . Report::END . "\nafter";
        self::assertSame($expected, Report::insert($document, 'new'));
    }

    /** @dataProvider documentsWithoutAPlace */
    public function testADocumentWithoutAPlaceForTheReportIsRefused(string $document): void
    {
        $this->expectException(RuntimeException::class);
        Report::insert($document, 'new');
    }

    /** @return array<string, array{string}> */
    public static function documentsWithoutAPlace(): array
    {
        return [
            'no marker' => ['text'],
            'no end' => [Report::BEGIN],
            'two places' => [str_repeat(Report::BEGIN . Report::END, 2)],
            'the wrong way round' => [Report::END . Report::BEGIN],
        ];
    }

    private static function assertAllKept(Outcome $outcome): void
    {
        foreach ($outcome->rounds as $round) {
            $kept = [$round->keys, $round->deep, $round->items];
            self::assertSame(array_fill(0, 3, Scenario::REQUESTS), $kept, $outcome->contestant->name);
            self::assertSame(0, $round->surplus, $outcome->contestant->name);
            self::assertSame(0, $round->notOpened, $outcome->contestant->name);
        }
    }

    /** @return list<Peer> */
    private static function contestants(string $directory): array
    {
        return Contestants::all($directory, null);
    }
}
