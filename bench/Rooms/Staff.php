<?php

declare(strict_types=1);

namespace Holdfast\Bench\Rooms;

use Holdfast\Bench\Fpm\Workers;
use Holdfast\Bench\Machine;
use Holdfast\Bench\Peers\Peer;
use RuntimeException;

/**
 * Workers of several kinds of sessions, all there at the same time.
 */
final class Staff
{
    /** @var array<string, Workers> by the peer's id */
    private array $workers = [];

    /** @var array<string, Peer> by id */
    public readonly array $peers;

    /** @param list<Peer> $peers */
    public function __construct(array $peers)
    {
        $byId = [];
        try {
            foreach ($peers as $peer) {
                $byId[$peer->id] = $peer;
                $this->workers[$peer->id] = new Workers($peer->settings + Machine::production());
            }
        } catch (RuntimeException $failure) {
            $this->stop();
            throw $failure;
        }
        $this->peers = $byId;
    }

    public function of(Peer $peer): Workers
    {
        return $this->workers[$peer->id];
    }

    /** @return list<Peer> all, another one first in each round */
    public function inTurn(int $round): array
    {
        $peers = array_values($this->peers);
        $first = $round % count($peers);
        return [...array_slice($peers, $first), ...array_slice($peers, 0, $first)];
    }

    public function stop(): void
    {
        foreach ($this->workers as $workers) {
            $workers->stop();
        }
        $this->workers = [];
    }
}
