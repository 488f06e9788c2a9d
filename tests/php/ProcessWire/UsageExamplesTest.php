<?php

declare(strict_types=1);

namespace Holdfast\Tests\ProcessWire;

use Holdfast\Tests\Server\SiteTestCase;

/**
 * The usage examples of ProcessWire's documentation, unchanged, one page each, by one visitor.
 */
final class UsageExamplesTest extends SiteTestCase
{
    public function testTheyRunUnchanged(): void
    {
        $visitor = self::visitor();
        $then = static fn (int $n): array => [self::said($visitor->get("/example.php?n=$n")), self::said($visitor->get('/example.php'))][1];
        self::assertSame(['tea' => 2], $then(0)['cart']);
        self::assertSame(['tea' => 2], $then(1)['cart']);
        self::assertNull($then(2)['cart']);
        self::assertSame(['Your changes have been saved.'], $then(3)['messages']);
        self::assertSame(['There was an error processing your request.'], $then(4)['errors']);
        $redirect = $visitor->get('/example.php?n=5');
        self::assertSame([302, ['/thank-you/'], ''], [$redirect->status, $redirect->header('Location'), $redirect->body]);
        self::assertSame(['Your changes have been saved.'], self::said($visitor->get('/example.php'))['messages']);
        self::assertTrue($then(6)['isLoggedin']);
        self::assertFalse($then(7)['isLoggedin']);
    }
}
