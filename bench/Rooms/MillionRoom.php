<?php

declare(strict_types=1);

namespace Holdfast\Bench\Rooms;

use Holdfast\Bench\Options;
use Holdfast\Bench\Peers\Peer;
use Holdfast\Bench\Peers\Peers;
use Holdfast\Bench\Report\Figures;
use Holdfast\Bench\Report\Section;
use Holdfast\Bench\Report\Table;
use Holdfast\Bench\Report\Unit;
use RuntimeException;

/**
 * Very many sessions: what one of them costs among all of them.
 */
final class MillionRoom implements Room
{
    /** That make the sessions, at the same time. */
    private const MAKERS = 4;

    private const AT_ONCE = 5000;
    private const TOUCHED = 500;

    public function __construct(private readonly Options $options, private readonly Peers $peers)
    {
    }

    public function measure(callable $progress): Section
    {
        $sessions = $this->options->sessions;
        $peers = $this->peers->forMillions($sessions);
        $time = new Table(
            'million',
            number_format($sessions, 0, '.', ' ') . ' sessions',
            Unit::Microseconds,
            ['create' => 'made (4 processes at once)', 'unchanged' => 'one of them read', 'changed' => 'one of them changed'],
            'holdfast'
        );
        $memory = new Table('million-memory', 'Memory', Unit::Bytes, ['bytes' => 'for each session'], 'holdfast');
        $staff = new Staff($peers);
        try {
            foreach ($peers as $peer) {
                $before = $this->memory($staff, $peer);
                $time->put($peer->id, $peer->name, 'create', Figures::of($this->create($staff, $peer)));
                $memory->put($peer->id, $peer->name, 'bytes', Figures::of([($this->memory($staff, $peer) - $before) / $sessions]));
                $progress(sprintf('%s has them', strtr($peer->name, ['**' => ''])));
            }
            foreach (['unchanged', 'changed'] as $what) {
                $figures = [];
                for ($round = 0; $round <= $this->options->rounds; ++$round) {
                    foreach ($staff->inTurn($round) as $peer) {
                        $figure = $this->touch($staff, $peer, $what, $round + 1);
                        if ($round > 0) {
                            $figures[$peer->id][] = $figure;
                        }
                    }
                    $progress("$what: round $round of {$this->options->rounds}");
                }
                foreach ($peers as $peer) {
                    $time->put($peer->id, $peer->name, $what, Figures::of($figures[$peer->id]));
                }
            }
        } finally {
            $staff->stop();
        }
        return new Section('Very many sessions', self::TEXT, [$time, $memory]);
    }

    /** @return non-empty-list<float> microseconds for a session, one figure for each part of the work: the same parts for everybody */
    private function create(Staff $staff, Peer $peer): array
    {
        $left = $this->options->sessions;
        $microseconds = [];
        while ($left > 0) {
            $orders = [];
            for ($worker = 0; $worker < self::MAKERS && $left > 0; ++$worker) {
                $count = min(self::AT_ONCE, $left);
                $orders[$worker] = ['task' => 'create', 'file' => $this->file($peer, $worker), 'count' => $count];
                $left -= $count;
            }
            foreach ($staff->of($peer)->orders($orders) as $worker => $done) {
                $microseconds[] = $done['nanoseconds'] / 1000 / $orders[$worker]['count'];
            }
        }
        return $microseconds;
    }

    /** Microseconds for each of some sessions, chosen by chance. */
    private function touch(Staff $staff, Peer $peer, string $what, int $seed): float
    {
        $count = min(self::TOUCHED, $this->options->sessions);
        $order = ['task' => 'touch', 'file' => $this->file($peer, 0), 'count' => $count, 'what' => $what, 'seed' => $seed];
        $done = $staff->of($peer)->order(self::MAKERS, $order);
        if ($what === 'changed' && $done['found'] !== min(10, $count)) {
            throw new RuntimeException("{$peer->name} lost sessions: it has no room for {$this->options->sessions}.");
        }
        return $done['nanoseconds'] / 1000 / $count;
    }

    private function memory(Staff $staff, Peer $peer): float
    {
        return (float) $staff->of($peer)->order(0, ['task' => 'memory'])['bytes'];
    }

    /** The ids that a worker has made. */
    private function file(Peer $peer, int $worker): string
    {
        return $this->peers->directory('million-ids') . "/{$peer->id}-$worker";
    }

    private const TEXT = <<<'MD'
        Sessions of 5 small arrays, through `$_SESSION`. Memory is what each store says of itself, after less before: Redis' `used_memory`,
        APCu's `apcu_sma_info()`, Holdfast's "Bytes used" in phpinfo(), to which its index comes, 4 % of the file. The sessions that are
        read and changed are chosen by chance, so they are in no cache of the processor.
        MD;
}
