<?php

declare(strict_types=1);

namespace Holdfast\Tests\Memory;

use Holdfast\Tests\HoldfastTestCase;

/**
 * Issue 2: valgrind finds no definite leak and no invalid access.
 */
final class ValgrindTest extends HoldfastTestCase
{
    /** @dataProvider scripts */
    public function testNoLeakAndNoInvalidAccess(string $script): void
    {
        $result = $this->cli(['display_errors' => '0'])->runUnderValgrind($script);
        self::assertSame('', $result->errors);
    }

    /** @return iterable<string, array{string}> */
    public static function scripts(): iterable
    {
        yield 'ProcessWire examples' => [__DIR__ . '/../Examples/processwire-variables.php'];
        foreach (glob(__DIR__ . '/scripts/*.php') ?: [] as $script) {
            yield basename($script, '.php') => [$script];
        }
    }
}
