<?php

declare(strict_types=1);

namespace Holdfast\Bench\Rooms;

use Holdfast\Bench\Machine;
use Holdfast\Bench\Options;
use Holdfast\Bench\Peers\Peer;
use Holdfast\Bench\Peers\Peers;
use Holdfast\Bench\Report\Figures;
use Holdfast\Bench\Report\Section;
use Holdfast\Bench\Report\Table;
use Holdfast\Bench\Report\Unit;

/**
 * Several processes at work at the same time.
 */
final class CrowdRoom implements Room
{
    private const LAYOUT = 'arrays100';
    private const PROCESSES = [1, 2, 4, 8];
    private const MILLISECONDS = 20;

    /** @var array<string, list<string>> by peer */
    private array $ids = [];

    public function __construct(private readonly Options $options, private readonly Peers $peers)
    {
    }

    public function measure(callable $progress): Section
    {
        $peers = [$this->peers->holdfast(), $this->peers->holdfastClass(), ...$this->peers->others()];
        $cases = array_combine(self::PROCESSES, array_map(static fn (int $n): string => $n === 1 ? '1 process' : "$n processes", self::PROCESSES));
        $different = new Table('crowd-different', 'Different visitors, one for each process', Unit::PerSecond, $cases, 'holdfast', ['holdfast-class']);
        $same = new Table('crowd-same', 'One visitor in all processes', Unit::PerSecond, $cases, 'holdfast', ['holdfast-class']);
        $rates = [];
        $staff = new Staff($peers);
        try {
            for ($round = 0; $round <= $this->options->rounds; ++$round) {
                foreach (self::PROCESSES as $processes) {
                    foreach ($staff->inTurn($round) as $peer) {
                        foreach (['different', 'same'] as $whose) {
                            $rate = $this->rate($staff, $peer, $processes, $whose === 'same');
                            if ($round > 0) {
                                $rates[$whose][$peer->id][$processes][] = $rate;
                            }
                        }
                    }
                }
                $progress("round $round of {$this->options->rounds}");
            }
        } finally {
            $staff->stop();
        }
        foreach ($peers as $peer) {
            foreach (self::PROCESSES as $processes) {
                $different->put($peer->id, $peer->name, (string) $processes, Figures::of($rates['different'][$peer->id][$processes]));
                $same->put($peer->id, $peer->name, (string) $processes, Figures::of($rates['same'][$peer->id][$processes]));
            }
        }
        $text = sprintf(self::TEXT, Machine::cores());
        return new Section('Several processes', $text, [$different, $same], self::scaling($peers, $different));
    }

    /** Cycles in a second, of all processes together, each by its own clock. */
    private function rate(Staff $staff, Peer $peer, int $processes, bool $isSame): float
    {
        $workers = $staff->of($peer);
        $ids = $this->ids[$peer->id] ??= $workers->order(
            0,
            ['task' => 'fill', 'layout' => self::LAYOUT, 'count' => max(self::PROCESSES), 'face' => $peer->face]
        )['ids'];
        $order = ['task' => 'run', 'layout' => self::LAYOUT, 'face' => $peer->face];
        $order['milliseconds'] = $this->options->quick ? self::MILLISECONDS / 2 : self::MILLISECONDS;
        $orders = [];
        for ($worker = 0; $worker < $processes; ++$worker) {
            $whose = $isSame ? 0 : $worker;
            $orders[$worker] = $order + ['ids' => (object) [$whose => $ids[$whose]]];
        }
        $rate = 0.0;
        foreach ($workers->orders($orders) as $done) {
            $rate += $done['cycles'] * 1e9 / $done['nanoseconds'];
        }
        return $rate;
    }

    /**
     * How many times as much several processes do as one.
     *
     * @param list<Peer> $peers
     */
    private static function scaling(array $peers, Table $different): string
    {
        $lines = ['**Different visitors: how many times as much as one process alone**', ''];
        $lines[] = '| | ' . implode(' | ', $different->cases) . ' |';
        $lines[] = '|---' . str_repeat('|---:', count(self::PROCESSES)) . '|';
        foreach ($peers as $peer) {
            $one = $different->figures($peer->id, '1');
            $cells = array_map(
                static fn (int $n): string => Unit::digits($different->figures($peer->id, (string) $n)->over($one)->median()) . '×',
                self::PROCESSES
            );
            $lines[] = "| {$peer->name} | " . implode(' | ', $cells) . ' |';
        }
        return implode("\n", $lines);
    }

    private const TEXT = <<<'MD'
        Each process changes a session of 100 small arrays, again and again, with no page around it; cycles in a second, of all of
        them together, on %d cores. Whoever locks goes one after the other where the visitor is one.
        MD;
}
