<?php

declare(strict_types=1);

namespace Holdfast\Bench\Rooms;

use Holdfast\Bench\Machine;
use Holdfast\Bench\Options;
use Holdfast\Bench\Pages\LoadTest;
use Holdfast\Bench\Peers\Peer;
use Holdfast\Bench\Peers\Peers;
use Holdfast\Bench\Report\Figures;
use Holdfast\Bench\Report\Section;
use Holdfast\Bench\Report\Table;
use Holdfast\Bench\Report\Unit;
use Holdfast\Tests\Server\FpmBehindNginx;
use RuntimeException;

/**
 * Whole pages, as a browser gets them.
 */
final class PagesRoom implements Room
{
    private const CASES = [
        'wire20 unchanged' => 'a session of 20 KB, unchanged',
        'wire20 changed' => 'of 20 KB, changed',
        'wire200 changed' => 'of 200 KB, changed',
    ];

    /** A page without a session. */
    private const FLOOR = 'empty';

    /** For each figure. */
    private const SECONDS = 2;

    private const MOST_ROUNDS = 5;

    /** @var array<string, FpmBehindNginx> by peer */
    private array $sites = [];

    /** @var array<string, LoadTest> by peer and case */
    private array $loads = [];

    public function __construct(private readonly Options $options, private readonly Peers $peers)
    {
    }

    public function measure(callable $progress): Section
    {
        $rate = new Table('pages', 'Pages in a second', Unit::PerSecond, self::CASES, 'holdfast', [self::FLOOR, 'holdfast-class']);
        $slowest = new Table('pages-p99', '99 of 100 pages within', Unit::Milliseconds, self::CASES, 'holdfast', [self::FLOOR, 'holdfast-class']);
        $names = $this->start();
        $rounds = $this->options->quick ? 1 : min(self::MOST_ROUNDS, $this->options->rounds);
        $figures = [];
        try {
            for ($round = 0; $round < $rounds; ++$round) {
                foreach (array_keys(self::CASES) as $case) {
                    $ids = array_keys($names);
                    for ($turn = 0; $turn < count($ids); ++$turn) {
                        $id = $ids[($turn + $round) % count($ids)];
                        [$perSecond, $milliseconds] = $this->loads["$id $case"]->run($this->options->quick ? 1 : self::SECONDS);
                        $figures[$id][$case]['rate'][] = $perSecond;
                        $figures[$id][$case]['p99'][] = $milliseconds;
                    }
                    $progress(sprintf('round %d of %d, %s', $round + 1, $rounds, $case));
                }
            }
        } finally {
            $this->stop();
        }
        foreach ($names as $id => $name) {
            foreach (array_keys(self::CASES) as $case) {
                $rate->put($id, $name, $case, Figures::of($figures[$id][$case]['rate']));
                $slowest->put($id, $name, $case, Figures::of($figures[$id][$case]['p99']));
            }
        }
        return new Section('Whole pages', self::TEXT, [$rate, $slowest]);
    }

    /** @return array<string, string> names of the rows by their ids */
    private function start(): array
    {
        $holdfast = $this->peers->holdfast();
        $names = [];
        try {
            foreach ([$holdfast, $this->peers->holdfastClass(), ...$this->peers->others()] as $peer) {
                $this->sites[$peer->id] = new FpmBehindNginx($peer->settings + Machine::production(), (string) realpath(__DIR__ . '/../pages'));
                $names[$peer->id] = $peer->name;
                foreach (array_keys(self::CASES) as $case) {
                    $this->loads["{$peer->id} $case"] = $this->load($peer, $case);
                }
            }
            foreach (array_keys(self::CASES) as $case) {
                $this->loads[self::FLOOR . " $case"] = LoadTest::without($this->sites[$holdfast->id]->url() . '/empty.php');
            }
        } catch (RuntimeException $failure) {
            $this->stop();
            throw $failure;
        }
        return $names + [self::FLOOR => 'no session: the floor'];
    }

    private function load(Peer $peer, string $case): LoadTest
    {
        [$layout, $what] = explode(' ', $case);
        $query = "?layout=$layout&face={$peer->face}";
        $page = $this->sites[$peer->id]->url() . '/page.php';
        return LoadTest::withVisitors("$page$query&fill=1", "$page$query&what=$what");
    }

    private function stop(): void
    {
        foreach ($this->loads as $load) {
            $load->stop();
        }
        foreach ($this->sites as $site) {
            $site->stop();
        }
        $this->loads = $this->sites = [];
    }

    private const TEXT = <<<'MD'
        nginx, php-fpm with 8 workers and wrk with 8 connections share the machine. 64 visitors, in turn, look at a page that does
        nothing but open its session, read it, and change one number of it or none. So this is the most that a session can make of a page:
        with an application around it, all rows come closer to each other.
        MD;
}
