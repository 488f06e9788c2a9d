<?php

declare(strict_types=1);

namespace Holdfast\Bench\Rooms;

use Holdfast\Bench\Machine;
use Holdfast\Bench\Options;
use Holdfast\Bench\Parallel\Comparison;
use Holdfast\Bench\Parallel\Contestants;
use Holdfast\Bench\Parallel\Report;
use Holdfast\Bench\Parallel\Round;
use Holdfast\Bench\Peers\Peers;
use Holdfast\Bench\Report\Section;

/**
 * One visitor's eight parallel requests: how long they take, and what is kept of them. The README's table.
 */
final class ParallelRoom implements Room
{
    private const ROUNDS = 10;

    public function __construct(private readonly Options $options, private readonly Peers $peers)
    {
    }

    public function measure(callable $progress): Section
    {
        $directory = $this->peers->directory('parallel');
        $this->peers->directory('parallel/files');
        $contestants = Contestants::all($directory, $this->peers->redis()?->socket());
        $software = [...Machine::software($contestants), ...array_filter([$this->peers->redis()?->version()])];
        $machine = sprintf(
            'Linux with %d cores, %s; php-fpm with 8 workers behind nginx, all sessions in memory',
            Machine::cores(),
            implode(', ', $software)
        );
        $rounds = $this->options->quick ? 1 : self::ROUNDS;
        $comparison = new Comparison($contestants);
        try {
            $outcomes = $comparison->run($rounds, static function (int $round, array $results) use ($rounds, $progress): void {
                $times = array_map(static fn (Round $one): string => (string) round($one->seconds * 1000), $results);
                $progress(sprintf('round %d of %d: %s ms', $round, $rounds, implode(', ', $times)));
            });
        } finally {
            $comparison->stop();
        }
        $table = Report::markdown($outcomes, $machine);
        return new Section("One visitor's parallel requests", self::TEXT, [], $table, $table);
    }

    private const TEXT = <<<'MD'
        A new visitor looks at one page, and then at eight at once. Each of them opens the session, works for 200 ms, and changes it
        in four places. What each change is, and what the figures mean, says the [README](../README.md).
        MD;
}
