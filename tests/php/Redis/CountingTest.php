<?php

declare(strict_types=1);

namespace Holdfast\Tests\Redis;

use Holdfast\Tests\Browser\Crowd;
use Holdfast\Tests\Browser\Request;
use Holdfast\Tests\Cli\PhpCli;
use Holdfast\Tests\TemporaryDirectory;

/**
 * R07: counting in parallel, over every kind of Redis.
 */
final class CountingTest extends KindsTestCase
{
    private const PROCESSES = 8;
    private const TIMES = 1000;

    /** In which each of them counts, so that none takes too long for nginx. */
    private const PAGES = 10;

    /** @dataProvider kinds */
    public function testR07EightWorkersOfPhpFpmCountToEightThousand(string $kind): void
    {
        $visitor = self::visitorOf($kind);
        self::said($visitor->get('/count.php'));
        $workers = [];
        $count = static function () use ($visitor, &$workers): iterable {
            for ($page = 0; $page < self::PAGES; ++$page) {
                $answer = yield [$visitor, new Request('/increment.php?times=' . self::TIMES / self::PAGES)];
                $workers[self::said($answer)['worker']] = true;
            }
        };
        Crowd::run(array_map(static fn (): iterable => $count(), range(1, self::PROCESSES)));
        self::assertGreaterThan(1, \count($workers));
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
