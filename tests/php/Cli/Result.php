<?php

declare(strict_types=1);

namespace Holdfast\Tests\Cli;

/**
 * What a command line script left behind.
 */
final class Result
{
    public function __construct(
        public readonly string $output,
        public readonly string $errors,
        public readonly int $exitCode,
    ) {
    }

    /** All of it, for the message of a failed assertion. */
    public function __toString(): string
    {
        return "exit code {$this->exitCode}\n--- output\n{$this->output}\n--- errors\n{$this->errors}";
    }
}
