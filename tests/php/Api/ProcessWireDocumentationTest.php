<?php

declare(strict_types=1);

namespace Holdfast\Tests\Api;

use Holdfast\Tests\HoldfastTestCase;

/**
 * docs/processwire-api.md and docs/expressionengine-api.md have, together, one row for every public method of the class and
 * of its form tokens, with its signature.
 */
final class ProcessWireDocumentationTest extends HoldfastTestCase
{
    public function testEveryMethodHasItsRow(): void
    {
        $text = '';
        foreach (['processwire', 'expressionengine'] as $system) {
            $text .= file_get_contents(__DIR__ . "/../../../docs/$system-api.md");
        }
        preg_match_all('/^\| `((?:CSRF::)?\w+\(.*?\))`/m', $text, $rows);
        $is = $this->passes(<<<'PHP'
            $signatures = [];
            foreach (['' => 'Holdfast\Session', 'CSRF::' => 'Holdfast\CSRF'] as $prefix => $class) {
                foreach ((new ReflectionClass($class))->getMethods(ReflectionMethod::IS_PUBLIC) as $method) {
                    if ($method->name === '__toString') {
                        continue;
                    }
                    $parameters = array_map(static fn (ReflectionParameter $parameter): string => '$' . $parameter->name
                        . ($parameter->isOptional() ? ' = ' . trim(str_replace("\n", '', match ($default = $parameter->getDefaultValue()) {
                            [] => '[]',
                            null => 'null',
                            default => var_export($default, true),
                        })) : ''), $method->getParameters());
                    $signatures[] = "$prefix{$method->name}(" . implode(', ', $parameters) . ')';
                }
            }
            echo json_encode($signatures), "\n";
            PHP);
        $documented = $rows[1];
        $there = json_decode(explode("\n", $is->output)[0], true);
        sort($documented);
        sort($there);
        self::assertSame($there, $documented);
    }
}
