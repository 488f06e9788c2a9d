<?php

declare(strict_types=1);

namespace Holdfast\Tests\Redis;

use Holdfast\Tests\Cli\PhpCli;
use Holdfast\Tests\TemporaryDirectory;

/**
 * R07: counting in parallel, over every kind of Redis.
 */
final class CountingTest extends KindsTestCase
{
    private const PROCESSES = 8;
    private const TIMES = 1000;

    /** @dataProvider kinds */
    public function testR07EightWorkersOfPhpFpmCountToEightThousand(string $kind): void
    {
        $visitor = self::visitorOf($kind);
        self::said($visitor->get('/count.php'));
        $paths = array_fill(0, self::PROCESSES, '/increment.php?times=' . self::TIMES);
        $workers = array_map(
            static fn (array $said): int => $said['worker'],
            array_map(self::said(...), $visitor->getTogether($paths))
        );
        self::assertCount(self::PROCESSES, array_unique($workers), 'each was counting while the others were');
        $data = self::said($visitor->get('/read.php'))['data'];
        self::assertSame(['views' => 1, 'n' => self::PROCESSES * self::TIMES], $data);
    }

    /**
     * A child must not speak on its parent's connection: each would get the other's answers.
     *
     * @dataProvider kinds
     */
    public function testAForkedChildHasConnectionsOfItsOwn(string $kind): void
    {
        $directory = new TemporaryDirectory();
        $result = (new PhpCli($directory->path, ['holdfast.store' => self::redisOf($kind)->store()]))->run(
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
            assert($parent->who === "parent");
            echo "reached the end";'
        );
        $directory->remove();
        self::assertSame(['', 'reached the end', 0], [$result->errors, $result->output, $result->exitCode]);
    }
}
