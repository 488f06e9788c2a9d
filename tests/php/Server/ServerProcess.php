<?php

declare(strict_types=1);

namespace Holdfast\Tests\Server;

use Holdfast\Tests\Wait;
use RuntimeException;

/**
 * A server with all its workers, which ends with the test: also when the test process is killed.
 */
final class ServerProcess
{
    /** @var resource|null */
    private $process;

    /** @var resource */
    private $lifeline;

    /**
     * @param list<string> $command
     * @param array<string, string> $environment
     * @param string $log the file that takes its output and errors
     */
    public function __construct(array $command, array $environment, private readonly string $log)
    {
        $process = proc_open(
            // In a session of its own the guard outlives also a kill of the test's whole process group.
            ['setsid', __DIR__ . '/guard', ...$command],
            [['pipe', 'r'], ['file', $log, 'a'], ['file', $log, 'a']],
            $pipes,
            null,
            $environment + getenv()
        );
        if ($process === false) {
            throw new RuntimeException('Cannot start ' . implode(' ', $command));
        }
        $this->process = $process;
        $this->lifeline = $pipes[0];
    }

    public function __destruct()
    {
        $this->stop();
    }

    /**
     * @param callable(): bool $ready
     * @throws RuntimeException when it ends or takes too long before it is ready; with its log.
     */
    public function waitUntil(callable $ready, string $what): void
    {
        $orEnded = fn (): bool => $ready() || !$this->isRunning();
        Wait::until($orEnded, $what, $this->log(...));
        if (!$ready()) {
            throw new RuntimeException("The server ended before: $what.\n" . $this->log());
        }
    }

    public function isRunning(): bool
    {
        return $this->process !== null && proc_get_status($this->process)['running'];
    }

    public function log(): string
    {
        return (string) file_get_contents($this->log);
    }

    /** Returns when the last of its processes has ended. */
    public function stop(): void
    {
        if ($this->process !== null) {
            fclose($this->lifeline);
            proc_close($this->process);
            $this->process = null;
        }
    }
}
