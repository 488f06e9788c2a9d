<?php

declare(strict_types=1);

namespace Holdfast\Tests\Redis;

use Holdfast\Tests\HoldfastTestCase;

/**
 * Counting in parallel, and how often the server is asked.
 */
final class CountingTest extends HoldfastTestCase
{
    private const PROCESSES = 8;
    private const TIMES = 1000;

    private RedisServer $redis;

    protected function setUp(): void
    {
        $this->redis = new RedisServer();
    }

    protected function tearDown(): void
    {
        $this->redis->remove();
        parent::tearDown();
    }

    public function testR07EightProcessesCountToEightThousand(): void
    {
        $settings = ['holdfast.store' => $this->redis->store()];
        $id = $this->cli($settings)->run('$s = new Session(); $s->n = 0; echo $s->getId();')->output;
        self::assertMatchesRegularExpression(self::ID, $id);
        $times = self::TIMES;
        $this->passes(
            'for ($process = 0; $process < ' . self::PROCESSES . '; ++$process) {
                if (pcntl_fork() === 0) {
                    $s = new Session(["id" => "' . $id . '"]);
                    for ($i = 0; $i < ' . $times . '; ++$i) { $s->increment("n"); }
                    exit(0);
                }
            }
            while (pcntl_wait($status) > 0) { assert($status === 0); }
            assert((new Session(["id" => "' . $id . '"]))->n === ' . self::PROCESSES * $times . ');',
            $settings
        );
    }

    /** A child must not speak on its parent's connection: each would get the other's answers. */
    public function testAForkedChildHasConnectionsOfItsOwn(): void
    {
        $settings = ['holdfast.store' => $this->redis->store()];
        $this->passes(
            '$parent = new Session();
            $parent->who = "parent";
            $parent->save();
            $child = pcntl_fork();
            for ($i = 0; $i < 300; ++$i) {
                $who = $child === 0 ? "child" : "parent";
                $mine = $parent->increment("by $who");
                assert($mine === $i + 1, "$who got $mine for " . ($i + 1));
            }
            if ($child === 0) { exit(0); }
            pcntl_waitpid($child, $status);
            assert($status === 0);
            assert($parent->who === "parent");',
            $settings
        );
    }
}
