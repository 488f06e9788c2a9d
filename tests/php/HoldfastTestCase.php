<?php

declare(strict_types=1);

namespace Holdfast\Tests;

use Holdfast\Tests\Cli\PhpCli;
use Holdfast\Tests\Cli\Result;
use PHPUnit\Framework\TestCase;

/**
 * A test with a store of its own.
 */
abstract class HoldfastTestCase extends TestCase
{
    private ?TemporaryDirectory $directory = null;

    protected function tearDown(): void
    {
        $this->directory?->remove();
        $this->directory = null;
    }

    protected function directory(): string
    {
        $this->directory ??= new TemporaryDirectory();
        return $this->directory->path;
    }

    /** The DSN of this test's store. */
    protected function store(string $parameters = '?size=16M'): string
    {
        return 'shared://' . $this->directory() . '/sessions' . $parameters;
    }

    /** @param array<string, string|int> $settings */
    protected function cli(array $settings = []): PhpCli
    {
        return new PhpCli($this->directory(), $settings + ['holdfast.store' => $this->store()]);
    }

    /**
     * Runs PHP code in a process of its own. It passes when each of its assert() holds, and when it ends without an
     * error, a warning or a notice.
     *
     * @param array<string, string|int> $settings
     */
    protected function passes(string $code, array $settings = []): Result
    {
        $result = $this->cli($settings)->run($code . "\necho 'reached the end';");
        self::assertSame('', $result->errors, "errors of:\n$code");
        self::assertStringEndsWith('reached the end', $result->output, "output of:\n$code");
        self::assertSame(0, $result->exitCode);
        return $result;
    }
}
