<?php

declare(strict_types=1);

namespace Holdfast\Tests\Sapi;

use Holdfast\Tests\HoldfastTestCase;

/**
 * A test with servers of tests/sapi/worker.c. What they complain about, and no test has asked for, fails it.
 */
abstract class WorkerTestCase extends HoldfastTestCase
{
    /** @var list<WorkerServer> */
    private array $servers = [];

    protected function setUp(): void
    {
        $obstacle = WorkerServer::obstacle();
        if ($obstacle !== null) {
            self::markTestSkipped($obstacle);
        }
    }

    protected function tearDown(): void
    {
        foreach ($this->servers as $server) {
            $server->stop();
        }
        parent::tearDown();
    }

    /** @return iterable<string, array{string}> */
    public static function modes(): iterable
    {
        foreach (['ordinary', 'frankenphp', 'reloading', 'bare'] as $mode) {
            yield $mode => [$mode];
        }
    }

    /** @param array<string, string|int> $settings */
    protected function server(string $mode, array $settings = [], string $script = __DIR__ . '/app.php'): WorkerServer
    {
        return $this->servers[] = new WorkerServer($this->directory(), $mode, $script, $settings + [
            'holdfast.store' => $this->store(),
            'session.save_handler' => 'holdfast',
            'session.serialize_handler' => 'holdfast',
        ]);
    }

    /** Ends a server that is to have nothing to complain about. */
    protected function endInPeace(WorkerServer $server): void
    {
        self::assertSame('', $this->stop($server));
    }

    /** Ends a server, and gives its complaints. */
    protected function stop(WorkerServer $server): string
    {
        $this->servers = array_values(array_filter($this->servers, static fn (WorkerServer $one): bool => $one !== $server));
        return $server->stop();
    }
}
