<?php

declare(strict_types=1);

namespace Holdfast\Bench\Rooms;

use Holdfast\Bench\Fpm\Workers;
use Holdfast\Bench\Peers\Peer;
use Holdfast\Bench\Report\Figures;
use Holdfast\Bench\Work\Layouts;
use RuntimeException;

/**
 * What one cycle costs (opened, used, closed), measured inside the workers, for many kinds of sessions in turn.
 */
final class Cycles
{
    /** Workers that take turns, so that each finds what the other one wrote. */
    private const TURNS = [0, 1];

    /** The worker that does all by itself. */
    private const ALONE = 2;

    /** The first one opens the store and is not counted. */
    private const COLD = 17;

    private const FEWEST_PASSES = 4;
    private const MOST_PASSES = 40;

    /** Of the number that is written last, in every measurement. */
    private int $number = 0;

    /** @var array<string, list<string>> ids of sessions, by what they are for */
    private array $ids = [];

    /** @var array<string, int> passes that a figure takes, by what is measured */
    private array $passes = [];

    /** @var array<string, list<float>> microseconds of a cycle, one for each round, by what is measured */
    private array $figures = [];

    /** @param float $sample milliseconds that a figure takes at least */
    public function __construct(private readonly Staff $staff, private readonly float $sample)
    {
    }

    /**
     * @param list<array{string, string, string}> $plan mode ('turns', 'alone', 'cold'), layout, what is done
     * @param callable(string): void $progress
     */
    public function measure(array $plan, int $rounds, callable $progress): void
    {
        $began = microtime(true);
        // Round 0 is every worker's first, and finds out how much fits into a sample.
        for ($round = 0; $round <= $rounds; ++$round) {
            foreach ($plan as [$mode, $layout, $what]) {
                foreach ($this->staff->inTurn($round) as $peer) {
                    $figure = $this->figure($peer, $mode, $layout, $what, $round === 0);
                    if ($round > 0) {
                        $this->figures[self::key($peer, $mode, $layout, $what)][] = $figure;
                    }
                }
            }
            $progress($round === 0
                ? sprintf('warmed up in %d s', microtime(true) - $began)
                : sprintf('round %d of %d, %d s', $round, $rounds, microtime(true) - $began));
        }
    }

    public function figures(Peer $peer, string $mode, string $layout, string $what): Figures
    {
        return Figures::of($this->figures[self::key($peer, $mode, $layout, $what)]);
    }

    /** Microseconds of a cycle: the median of several passes over some sessions. */
    private function figure(Peer $peer, string $mode, string $layout, string $what, bool $isFirst): float
    {
        $workers = $this->staff->of($peer);
        $ids = $this->ids($peer, $workers, $mode, $layout);
        $key = self::key($peer, $mode, $layout, $what);
        $task = $mode === 'cold' ? 'cold' : 'pass';
        $counted = count($ids) - ($mode === 'cold' ? 1 : 0);
        $microseconds = [];
        $passes = $this->passes[$key] ?? self::FEWEST_PASSES;
        // One more goes before: it warms the processor.
        for ($pass = -1; $pass < $passes; ++$pass) {
            $worker = match ($mode) {
                'turns' => self::TURNS[($pass + 2) % 2],
                'alone' => self::ALONE,
                'cold' => 'fresh',
            };
            $number = ++$this->number;
            $answer = $workers->order($worker, compact('task', 'layout', 'what', 'ids', 'number') + ['face' => $peer->face]);
            if ($pass >= 0) {
                $microseconds[] = $answer['nanoseconds'] / 1000 / $counted;
            }
        }
        if ($isFirst) {
            $milliseconds = max(0.001, array_sum($microseconds) / $passes * $counted / 1000);
            $this->passes[$key] = min(self::MOST_PASSES, max(self::FEWEST_PASSES, (int) ceil($this->sample / $milliseconds)));
            $this->verify($peer, $workers, $layout, $what, $ids);
        }
        return Figures::of($microseconds)->median();
    }

    /** @return list<string> */
    private function ids(Peer $peer, Workers $workers, string $mode, string $layout): array
    {
        $key = "{$peer->id} $mode $layout";
        if (!isset($this->ids[$key])) {
            $count = $mode === 'cold' ? self::COLD : Layouts::sessions($layout);
            $this->ids[$key] = $workers->order(0, ['task' => 'fill', 'layout' => $layout, 'count' => $count, 'face' => $peer->face])['ids'];
        }
        return $this->ids[$key];
    }

    /**
     * A session that was lost, or not written, would be a fast one. Only in the first round, before 'deep' changes what 'changed' expects.
     *
     * @param list<string> $ids
     */
    private function verify(Peer $peer, Workers $workers, string $layout, string $what, array $ids): void
    {
        if ($what !== 'changed') {
            return;
        }
        $digests = $workers->order(self::ALONE + 1, ['task' => 'show', 'ids' => $ids, 'face' => $peer->face])['digests'];
        $expected = array_fill(0, count($ids), md5(serialize(Layouts::build($layout, $this->number))));
        if ($digests !== $expected) {
            throw new RuntimeException("{$peer->name} did not keep what was written ($layout).");
        }
    }

    private static function key(Peer $peer, string $mode, string $layout, string $what): string
    {
        return "{$peer->id} $mode $layout $what";
    }
}
