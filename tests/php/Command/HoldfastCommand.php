<?php

declare(strict_types=1);

namespace Holdfast\Tests\Command;

use Holdfast\Tests\Extension;
use RuntimeException;

/**
 * The command `holdfast`, as `make build` leaves it beside the extension, on one store.
 */
final class HoldfastCommand
{
    public function __construct(private readonly string $store)
    {
    }

    /** Runs a verb; what it wrote to stdout, where all is well. */
    public function says(string ...$arguments): string
    {
        [$code, $output, $errors] = $this->run(...$arguments);
        if ($code !== 0 || $errors !== '') {
            throw new RuntimeException(implode(' ', $arguments) . " ended with $code: $errors");
        }
        return $output;
    }

    /** @return list<array<string, mixed>> lines of JSON */
    public function lists(string ...$arguments): array
    {
        $lines = explode("\n", rtrim($this->says('ls', '--json', ...$arguments), "\n"));
        return array_map(
            static fn (string $line): array => json_decode($line, true, flags: JSON_THROW_ON_ERROR),
            array_values(array_filter($lines, static fn (string $line): bool => $line !== ''))
        );
    }

    /** @return array{int, string, string} exit code, stdout, stderr */
    public function run(string ...$arguments): array
    {
        $command = dirname(Extension::path()) . '/holdfast';
        if (!is_file($command)) {
            throw new RuntimeException("There is no $command: run 'make build' first.");
        }
        $process = proc_open(
            [$command, array_shift($arguments), '--store', $this->store, ...$arguments],
            [['file', '/dev/null', 'r'], ['pipe', 'w'], ['pipe', 'w']],
            $pipes
        );
        // What goes to stderr is a line, so it never fills the pipe.
        [$output, $errors] = [stream_get_contents($pipes[1]), stream_get_contents($pipes[2])];
        return [proc_close($process), $output, $errors];
    }
}
