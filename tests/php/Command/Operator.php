<?php

declare(strict_types=1);

namespace Holdfast\Tests\Command;

use Holdfast\Tests\Extension;
use PHPUnit\Framework\Assert;
use RuntimeException;

/**
 * Whoever runs the site, with the command `holdfast`: the one that HOLDFAST_COMMAND names, or that was built with the extension.
 */
final class Operator
{
    public static function path(): string
    {
        $path = getenv('HOLDFAST_COMMAND') ?: dirname(Extension::path()) . '/holdfast';
        if (!is_file($path)) {
            throw new RuntimeException("There is no $path: run 'make build' first.");
        }
        return $path;
    }

    /**
     * @param list<string> $arguments
     * @return array{int, string, string} exit code, stdout, stderr
     */
    public static function runs(array $arguments): array
    {
        $pipes = [];
        $process = proc_open([self::path(), ...$arguments], [['file', '/dev/null', 'r'], ['pipe', 'w'], ['pipe', 'w']], $pipes);
        \assert($process !== false);
        $output = (string) stream_get_contents($pipes[1]);
        $errors = (string) stream_get_contents($pipes[2]);
        return [proc_close($process), $output, $errors];
    }

    /**
     * What it says; with no error.
     *
     * @param list<string> $arguments
     */
    public static function says(array $arguments): string
    {
        [$code, $output, $errors] = self::runs($arguments);
        Assert::assertSame([0, ''], [$code, $errors], $output);
        return $output;
    }
}
