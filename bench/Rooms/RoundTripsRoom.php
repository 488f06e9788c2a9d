<?php

declare(strict_types=1);

namespace Holdfast\Bench\Rooms;

use Holdfast\Bench\Machine;
use Holdfast\Bench\Options;
use Holdfast\Bench\Peers\Peer;
use Holdfast\Bench\Peers\Peers;
use Holdfast\Bench\Peers\RedisServer;
use Holdfast\Bench\Report\Figures;
use Holdfast\Bench\Report\Section;
use Holdfast\Bench\Report\Table;
use Holdfast\Bench\Report\Unit;
use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Server\FpmBehindNginx;
use RuntimeException;

/**
 * What a page costs in messages to Redis and back, by the server's own count: on a network each takes its time.
 */
final class RoundTripsRoom implements Room
{
    private const CASES = ['unchanged' => 'a session that is read', 'changed' => 'one that is changed'];

    /** For each figure. */
    private const PAGES = 100;

    private const MOST_ROUNDS = 5;

    public function __construct(private readonly Options $options, private readonly Peers $peers)
    {
    }

    public function measure(callable $progress): Section
    {
        $redis = $this->peers->redis();
        if ($redis === null) {
            return new Section(self::TITLE, 'Not measured: Redis does not take part.', []);
        }
        $trips = new Table('trips', 'Round trips of a page', Unit::Count, self::CASES, 'holdfast-redis', ['holdfast-class']);
        $connections = new Table('trips-connections', 'Connections made for a page', Unit::Count, self::CASES, null);
        $rounds = $this->options->quick ? 1 : min(self::MOST_ROUNDS, $this->options->rounds);
        foreach ($this->contestants($redis) as $peer) {
            $site = new FpmBehindNginx($peer->settings + Machine::production(), (string) realpath(__DIR__ . '/../pages'));
            try {
                foreach (array_keys(self::CASES) as $case) {
                    $figures = [];
                    for ($round = 0; $round < $rounds; ++$round) {
                        $figures[] = self::count($site, $redis, $peer, $case);
                    }
                    $trips->put($peer->id, $peer->name, $case, Figures::of(array_column($figures, 'reads')));
                    $connections->put($peer->id, $peer->name, $case, Figures::of(array_column($figures, 'connections')));
                }
            } finally {
                $site->stop();
            }
            $progress($peer->name);
        }
        return new Section(self::TITLE, sprintf(self::TEXT, self::PAGES), [$trips, $connections]);
    }

    /** @return list<Peer> */
    private function contestants(RedisServer $redis): array
    {
        $store = "redis://{$redis->socket()}";
        $superglobal = Peers::ofHoldfast('**Holdfast**, `$_SESSION`', $store);
        return [
            new Peer('holdfast-redis', $superglobal->name, $superglobal->settings),
            Peers::ofHoldfastClass('**Holdfast**, class `Session`', $store),
            ...$this->peers->others(['redis', 'redis-locking']),
        ];
    }

    /** @return array{reads: float, connections: float} of one page, on average */
    private static function count(FpmBehindNginx $site, RedisServer $redis, Peer $peer, string $case): array
    {
        $visitor = new Browser($site->url());
        $page = static function (string $what) use ($visitor, $peer): string {
            $response = $visitor->get("/small.php?face={$peer->face}&what=$what");
            return $response->isAcknowledged() ? trim($response->body) : throw new RuntimeException("A page failed: $response");
        };
        // Every worker is connected and knows its scripts.
        for ($warming = 0; $warming < self::PAGES; ++$warming) {
            $page('changed');
        }
        $before = $redis->figures();
        for ($view = 0; $view < self::PAGES; ++$view) {
            $last = $page($case);
        }
        $after = $redis->figures();
        $expected = self::PAGES * ($case === 'changed' ? 2 : 1);
        if ((int) $last !== $expected) {
            throw new RuntimeException("{$peer->name} says $last after $expected changes.\n" . $site->log());
        }
        return [
            // One of them is our own question.
            'reads' => ($after['reads'] - $before['reads'] - 1) / self::PAGES,
            'connections' => ($after['connections'] - $before['connections']) / self::PAGES,
        ];
    }

    private const TITLE = 'Round trips to Redis';

    private const TEXT = <<<'MD'
        One visitor looks at %d pages, one after the other, at a php-fpm with 8 workers that are all warm. A round trip is what the server reads at once: commands that are
        sent together are one. A connection is made anew where the handler does not keep it, which on a network is one more round trip, two or three with TLS. Once a
        second at most a page that only reads its session prolongs it, in a round trip that is counted here.
        MD;
}
