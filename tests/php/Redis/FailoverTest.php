<?php

declare(strict_types=1);

namespace Holdfast\Tests\Redis;

use Holdfast\Tests\Authentication\MembersTestCase;
use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\Crowd;
use Holdfast\Tests\Browser\Request;
use Holdfast\Tests\Server\FpmBehindNginx;

/**
 * R19: a master is killed while members use the site. What its replica had of what they were told is stored, is there when
 * the replica has taken its place; nobody is logged out, given another cookie, or in need of another worker.
 */
final class FailoverTest extends MembersTestCase
{
    private const MEMBERS = 8;

    /** Pages that each member has seen before the master dies, and sees again after it. */
    private const PAGES = 20;

    private RedisSentinels|RedisCluster|null $redis = null;
    private ?FpmBehindNginx $site = null;

    /** @var array<int, int> the last number of views that each member was told */
    private array $told = [];

    /** @var array<int, int> the same at a moment of which the replica had everything */
    private array $safe = [];

    /** @var array<int, int> pages that each member has seen since the master died */
    private array $seenSince = [];

    private int $errors = 0;

    protected function tearDown(): void
    {
        $this->site?->stop();
        $this->redis?->remove();
        parent::tearDown();
    }

    public function testAMasterThatSentinelsWatch(): void
    {
        $this->redis = new RedisSentinels();
        $this->killUnderLoad([[$this->redis->master, $this->redis->replica]]);
    }

    public function testAMasterOfACluster(): void
    {
        $this->redis = new RedisCluster(1);
        $this->killUnderLoad(array_map(null, $this->redis->masters(), $this->redis->replicas()));
    }

    /**
     * The one that dies is the master with most sessions: a user's sessions are all on one, so that another may have none.
     *
     * @param list<array{RedisServer, RedisServer}> $pairs masters with their replicas
     */
    private function killUnderLoad(array $pairs): void
    {
        $this->site = new FpmBehindNginx(['holdfast.store' => $this->redis?->store() ?? '', 'holdfast.throttle' => 0]);
        $workers = $this->site->workers();
        $members = [];
        for ($n = 0; $n < self::MEMBERS; ++$n) {
            self::logIn($members[] = new Browser($this->site->url()), ['alice', 'bob', 'carol'][$n % 3]);
        }
        usort($pairs, fn (array $one, array $other): int => $this->sessionsAt($other[0]) <=> $this->sessionsAt($one[0]));
        [$master, $replica] = $pairs[0];
        $cookies = array_map(static fn (Browser $member): array => $member->cookies, $members);
        $this->told = $this->safe = $this->seenSince = array_fill(0, $n, 0);

        $killed = false;
        $awaited = null;
        Crowd::run(
            array_map($this->view(...), array_keys($members), $members),
            function () use ($master, $replica, &$killed, &$awaited): void {
                if ($killed) {
                    return;
                }
                // Everything that was told by now is in what the master has sent up to here.
                $awaited ??= ['told' => $this->told, 'offset' => (int) $master->info('replication', 'master_repl_offset')];
                if ((int) $replica->info('replication', 'slave_repl_offset') >= $awaited['offset']) {
                    $this->safe = $awaited['told'];
                    $awaited = null;
                }
                if (min($this->safe) >= self::PAGES) {
                    $master->kill();
                    $killed = true;
                    $this->seenSince = array_fill(0, \count($this->told), 0);
                }
            }
        );

        self::assertGreaterThan(0, $this->errors, 'the master died, and nobody noticed');
        self::assertSame('master', $replica->info('replication', 'role'));
        foreach ($members as $n => $member) {
            self::assertTrue(self::isLoggedIn($member), "member $n");
            self::assertSame($this->told[$n] + 1, self::said($member->get('/count.php'))['views'], "member $n");
        }
        self::assertSame($cookies, array_map(static fn (Browser $member): array => $member->cookies, $members));
        self::assertSame($workers, $this->site->workers(), 'no worker was restarted');
    }

    private function sessionsAt(RedisServer $server): int
    {
        return substr_count($server->command('KEYS', 'holdfast:{*}'), 'holdfast:{');
    }

    /** A member who looks at one page after the other until all have seen enough since the master died. */
    private function view(int $n, Browser $member): iterable
    {
        $end = microtime(true) + 60;
        while (min($this->safe) < self::PAGES || min($this->seenSince) < self::PAGES) {
            self::assertLessThan($end, microtime(true), 'the replica takes the place of its master');
            $answer = yield [$member, new Request('/count.php')];
            self::assertSame([], $answer->cookies(), (string) $answer);
            if ($answer->status === 500) {
                ++$this->errors;
                continue;
            }
            $views = self::said($answer)['views'];
            // Never less than what the replica had; what it did not have yet may be told anew.
            self::assertGreaterThan($this->safe[$n], $views, "member $n lost what the replica had");
            $this->told[$n] = $views;
            ++$this->seenSince[$n];
        }
    }
}
