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
    /** The form of an id: 24 random bytes and 8 of a MAC, as URL-safe base64. */
    protected const ID = '/^[A-Za-z0-9_-]{43}$/D';

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

    /**
     * Writes in one process and reads in another: $write and $read find their session in $session.
     *
     * @param string $declarations what both need: classes, functions
     * @return string the session's id
     */
    protected function roundTrip(string $write, string $read, string $declarations = ''): string
    {
        $written = $this->cli()->run(
            "$declarations\n\$session = new Session();\n$write\necho \$session->getId();"
        );
        self::assertSame('', $written->errors, "errors of:\n$write");
        self::assertMatchesRegularExpression(self::ID, $written->output, "the id that was issued by:\n$write");
        $this->passes(
            "$declarations\n\$session = new Session(['id' => '{$written->output}']);\n$read"
        );
        return $written->output;
    }
}
