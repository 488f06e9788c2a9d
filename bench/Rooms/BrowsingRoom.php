<?php

declare(strict_types=1);

namespace Holdfast\Bench\Rooms;

use Holdfast\Bench\Fpm\Workers;
use Holdfast\Bench\Options;
use Holdfast\Bench\Peers\Peer;
use Holdfast\Bench\Peers\Peers;
use Holdfast\Bench\Report\Figures;
use Holdfast\Bench\Report\Section;
use Holdfast\Bench\Report\Table;
use Holdfast\Bench\Report\Unit;

/**
 * Visitors who come, look at some pages, and go, at eight workers: what a worker remembers of a session helps only when the
 * same visitor comes back to the same worker.
 */
final class BrowsingRoom implements Room
{
    private const LAYOUTS = ['arrays100', 'wire20'];

    /** Visitors who are on the site at the same time. */
    private const AT_ONCE = 40;

    /** Pages that a visitor looks at, on average. */
    private const PAGES = 12;

    /** In how many of them the session is changed, in per cent. */
    private const CHANGED = 30;

    private const VIEWS = 2000;

    public function __construct(private readonly Options $options, private readonly Peers $peers)
    {
    }

    public function measure(callable $progress): Section
    {
        $peers = [$this->peers->holdfast(), ...$this->peers->variants(), ...$this->peers->others(['files', 'redis', 'apcu', 'apcu-igbinary'])];
        $cases = array_combine(self::LAYOUTS, ['a session of 100 small arrays', 'a ProcessWire-like one of 20 KB']);
        $table = new Table('browsing', 'A page view', Unit::Microseconds, $cases, 'holdfast', ['holdfast-uncached', 'holdfast-redis']);
        $rounds = $this->options->quick ? 1 : min(5, $this->options->rounds);
        $views = $this->options->quick ? self::VIEWS / 10 : self::VIEWS;
        $figures = [];
        $remembered = '';
        $staff = new Staff($peers);
        try {
            for ($round = 0; $round < $rounds; ++$round) {
                foreach (self::LAYOUTS as $layout) {
                    foreach ($staff->inTurn($round) as $peer) {
                        $figures[$peer->id][$layout][] = $this->browse($staff->of($peer), $layout, (int) $views, $round);
                    }
                }
                $progress(sprintf('round %d of %d', $round + 1, $rounds));
            }
            $remembered = self::remembered($staff->of($peers[0]));
        } finally {
            $staff->stop();
        }
        foreach ($peers as $peer) {
            foreach (self::LAYOUTS as $layout) {
                $table->put($peer->id, $peer->name, $layout, Figures::of($figures[$peer->id][$layout]));
            }
        }
        return new Section('A browsing pattern', sprintf(self::TEXT, self::AT_ONCE, self::PAGES, self::CHANGED), [$table], $remembered);
    }

    /** Microseconds of a view, on average. The pattern is the same for all in a round. */
    private function browse(Workers $workers, string $layout, int $views, int $round): float
    {
        mt_srand(1000 + $round);
        $visitors = (int) ceil(self::AT_ONCE + $views / self::PAGES);
        $ids = $workers->order(0, ['task' => 'fill', 'layout' => $layout, 'count' => 2 * $visitors])['ids'];
        $here = array_splice($ids, 0, self::AT_ONCE);
        $nanoseconds = 0;
        for ($view = 0; $view < $views; ++$view) {
            $who = mt_rand(0, self::AT_ONCE - 1);
            $worker = mt_rand(0, Workers::WORKERS - 1);
            $what = mt_rand(1, 100) <= self::CHANGED ? 'changed' : 'unchanged';
            $order = ['task' => 'pass', 'layout' => $layout, 'what' => $what, 'ids' => [$here[$who]], 'number' => $view];
            $nanoseconds += $workers->order($worker, $order)['nanoseconds'];
            if (mt_rand(1, self::PAGES) === 1 && $ids !== []) {
                $here[$who] = array_pop($ids);
            }
        }
        return $nanoseconds / 1000 / $views;
    }

    /** What Holdfast's workers say of their caches, all together. '' when they have none. */
    private static function remembered(Workers $workers): string
    {
        $sums = [];
        for ($worker = 0; $worker < Workers::WORKERS; ++$worker) {
            foreach ($workers->order($worker, ['task' => 'cache'])['rows'] as $name => $figure) {
                $sums[$name] = ($sums[$name] ?? 0) + $figure;
            }
        }
        if ($sums === []) {
            return '';
        }
        $lines = ['**The workers\' caches at the end, by phpinfo(), all eight together**', '', '| | |', '|---|---:|'];
        foreach ($sums as $name => $sum) {
            $lines[] = "| $name | " . number_format($sum, 0, '.', ' ') . ' |';
        }
        return implode("\n", $lines);
    }

    private const TEXT = <<<'MD'
        %d visitors are on the site at the same time, each stays for %d pages on average, and another one comes. Any of 8 workers serves each
        page; %d %% of the pages change one variable. One session is used in each request, so the processor has forgotten it: dearer than above.
        MD;
}
