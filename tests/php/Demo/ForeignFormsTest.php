<?php

declare(strict_types=1);

namespace Holdfast\Tests\Demo;

use Holdfast\Tests\Browser\Browser;
use PHPUnit\Framework\TestCase;

/**
 * A form that comes without a token changes nothing in the shop, and begins no session.
 */
final class ForeignFormsTest extends TestCase
{
    private const POSTS = [
        '/cart' => ['product' => 'mug', 'action' => 'add'],
        '/session' => ['action' => 'destroy'],
        '/parallel' => ['locking' => 'off'],
        '/login' => ['name' => 'anne', 'password' => 'correct horse battery staple'],
        '/sign-up' => ['name' => 'anne', 'password' => 'correct horse battery staple'],
        '/logout' => [],
        '/devices' => ['action' => 'others'],
        '/nowhere' => [],
    ];

    private DemoShop $shop;

    protected function setUp(): void
    {
        $this->shop = new DemoShop();
    }

    protected function tearDown(): void
    {
        $this->shop->stop();
    }

    public function testAVisitorWithoutASessionGetsNone(): void
    {
        $visitor = new Browser($this->shop->url());
        foreach (self::POSTS as $path => $fields) {
            $refused = $visitor->post($path, $fields);
            self::assertSame(403, $refused->status, (string) $refused);
            self::assertSame([], $refused->cookies(), $path);
        }
    }

    public function testAVisitorsSessionStaysAsItIs(): void
    {
        $visitor = new Browser($this->shop->url());
        $token = FormToken::on($visitor->get('/'));
        self::assertSame(303, $visitor->post('/cart', ['product' => 'mug', 'action' => 'add', ...$token])->status);
        $cookies = $visitor->cookies;
        foreach (self::POSTS as $path => $fields) {
            self::assertSame(403, $visitor->post($path, $fields)->status, $path);
        }
        self::assertSame($cookies, $visitor->cookies);
        self::assertStringContainsString('<span class="quantity">1</span>', $visitor->get('/cart')->body);
    }
}
