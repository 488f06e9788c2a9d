<?php

declare(strict_types=1);

namespace Holdfast\Tests\ExpressionEngine;

use RuntimeException;

/**
 * What ExpressionEngine's User Guide says of its session: session-class.md beside this file.
 */
final class Guide
{
    /** @return array<string, string> what each variable of its two lists means, by name, in its order */
    public static function variables(): array
    {
        preg_match_all('/^- `(\w+)` - (.+)$/m', self::text(), $rows);
        return array_combine($rows[1], $rows[2]);
    }

    /** @return list<string> those of the control panel: its second list */
    public static function controlPanelVariables(): array
    {
        $second = (string) strstr(self::text(), 'On the Control Panel side');
        return array_values(array_filter(array_keys(self::variables()), static fn (string $name): bool => str_contains($second, "- `$name` - ")));
    }

    /** Does it say that the variable is `y` or `n`? */
    public static function isFlag(string $variable): bool
    {
        return str_contains(self::variables()[$variable], '(`y`/`n`)');
    }

    /** @return array<string, list<array{string, string|null}>> the parameters of each method, with their defaults */
    public static function methods(): array
    {
        preg_match_all('/^### `(\w+)\(([^`]*)\)`$/m', self::text(), $found, PREG_SET_ORDER);
        $methods = [];
        foreach ($found as [, $method, $parameters]) {
            preg_match_all('/\$(\w+)(?: = (\w+|\'\'))?/', $parameters, $each, PREG_SET_ORDER);
            $methods[$method] = array_map(static fn (array $one): array => [$one[1], $one[2] ?? null], $each);
        }
        return $methods;
    }

    /** @return list<string> its examples, without their indentation */
    public static function examples(): array
    {
        $text = (string) strstr(self::text(), '# Session Class');
        preg_match_all('/(?:^ {4}.*\n|^\n(?= {4}))+/m', $text, $blocks);
        return array_map(static fn (string $block): string => trim((string) preg_replace('/^ {4}/m', '', $block), "\n") . "\n", $blocks[0]);
    }

    /** The example that has these words in it. */
    public static function example(string $words): string
    {
        $found = array_values(array_filter(self::examples(), static fn (string $example): bool => str_contains($example, $words)));
        return count($found) === 1 ? $found[0] : throw new RuntimeException("No example, or several, with: $words");
    }

    /** Its first example with the semicolon that it lacks: without, it is a parse error in every PHP. */
    public static function sessionExample(): string
    {
        return str_replace("userdata('email')\n", "userdata('email');\n", self::example('function session_example()'));
    }

    /** @return array{string, string} the example of flash data, which is of two pages */
    public static function pagesOfTheRedirect(): array
    {
        $example = self::example('// On the new page');
        $at = (int) strpos($example, '// On the new page');
        return [substr($example, 0, $at), substr($example, $at)];
    }

    private static function text(): string
    {
        return (string) file_get_contents(__DIR__ . '/session-class.md');
    }
}
