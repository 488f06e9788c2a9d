<?php

declare(strict_types=1);

namespace Holdfast\Tests\ExpressionEngine;

use Holdfast\Tests\HoldfastTestCase;

/**
 * The methods have the names, parameters and defaults of ExpressionEngine's User Guide.
 */
final class SignaturesTest extends HoldfastTestCase
{
    public function testTheGuideHasFourMethods(): void
    {
        self::assertSame(['userdata', 'set_flashdata', 'set_cache', 'cache'], array_keys(Guide::methods()));
    }

    /** @return iterable<string, array{string}> */
    public static function methods(): iterable
    {
        foreach (array_keys(Guide::methods()) as $method) {
            yield $method => [$method];
        }
    }

    /** @dataProvider methods */
    public function testItsParametersAndDefaultsAreTheGuides(string $method): void
    {
        $is = $this->passes(<<<PHP
            \$parameters = [];
            foreach ((new ReflectionMethod('Session', '$method'))->getParameters() as \$parameter) {
                \$default = \$parameter->isOptional() ? var_export(\$parameter->getDefaultValue(), true) : null;
                \$parameters[] = [\$parameter->name, \$default === 'false' ? 'FALSE' : \$default];
            }
            assert((new ReflectionMethod('Session', '$method'))->name === '$method');
            echo json_encode(\$parameters), "\\n";
            PHP);
        self::assertSame(Guide::methods()[$method], json_decode(explode("\n", $is->output)[0], true));
    }
}
