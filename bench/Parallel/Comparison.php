<?php

declare(strict_types=1);

namespace Holdfast\Bench\Parallel;

use Holdfast\Bench\Peers\Peer;
use Holdfast\Tests\Server\FpmBehindNginx;
use RuntimeException;
use UnexpectedValueException;

/**
 * Plays the scenario with several kinds of sessions, each served by a php-fpm and an nginx of its own.
 *
 * They take turns in every round, and another one begins each: what else the machine does meets all of them alike.
 */
final class Comparison
{
    /** @var array<int, FpmBehindNginx> */
    private array $sites = [];

    /** @param list<Peer> $contestants */
    public function __construct(private readonly array $contestants)
    {
        try {
            foreach ($contestants as $at => $contestant) {
                $this->sites[$at] = new FpmBehindNginx($contestant->settings, Scenario::PAGES);
            }
        } catch (RuntimeException $failure) {
            $this->stop();
            throw $failure;
        }
    }

    /**
     * One round more goes before, and does not count: it is every worker's first.
     *
     * @param callable(int $round, list<Round> $results): void|null $progress after each round; it counts from 1
     * @return list<Outcome> in the order of the contestants
     * @throws RuntimeException when a page was not answered as it should be
     */
    public function run(int $rounds, ?callable $progress = null): array
    {
        $this->round(0);
        $all = [];
        for ($round = 1; $round <= $rounds; ++$round) {
            $results = $this->round($round);
            foreach ($results as $at => $result) {
                $all[$at][] = $result;
            }
            if ($progress !== null) {
                $progress($round, $results);
            }
        }
        return array_map(
            static fn (Peer $one, array $played): Outcome => new Outcome($one, $played),
            $this->contestants,
            $all
        );
    }

    public function stop(): void
    {
        foreach ($this->sites as $site) {
            $site->stop();
        }
        $this->sites = [];
    }

    /** @return list<Round> in the order of the contestants */
    private function round(int $round): array
    {
        $results = [];
        $count = count($this->contestants);
        for ($turn = 0; $turn < $count; ++$turn) {
            $at = ($turn + $round) % $count;
            try {
                $results[$at] = Scenario::play($this->sites[$at]->url(), $this->contestants[$at]->face);
            } catch (UnexpectedValueException $answer) {
                $name = $this->contestants[$at]->name;
                throw new RuntimeException("$name: {$answer->getMessage()}\n{$this->sites[$at]->log()}");
            }
        }
        ksort($results);
        return $results;
    }
}
