<?php

declare(strict_types=1);

namespace Holdfast\Tests\ExpressionEngine;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\Request;
use Holdfast\Tests\Browser\Response;
use Holdfast\Tests\Server\SiteTestCase;

/**
 * Tests over a page that uses ee().
 */
abstract class EeTestCase extends SiteTestCase
{
    /**
     * @param list<array{string, string, list<mixed>}> $calls each a property of ee(), a method, its arguments
     * @param array<string, string> $query
     * @param array<string, string> $headers
     */
    protected static function page(Browser $visitor, array $calls, array $query = [], array $headers = []): Response
    {
        $query['calls'] = json_encode($calls, JSON_THROW_ON_ERROR);
        return $visitor->send(new Request('/ee.php?' . http_build_query($query), headers: $headers));
    }

    /** @return array{string, string, list<mixed>} a call of ee()->functions->redirect() */
    protected static function redirect(mixed ...$arguments): array
    {
        return ['functions', 'redirect', $arguments];
    }

    /** @return array{string, string, list<mixed>} a call of a method of ee()->session */
    protected static function session(string $method, mixed ...$arguments): array
    {
        return ['session', $method, $arguments];
    }
}
