<?php

declare(strict_types=1);

namespace Holdfast\Tests\Demo;

use Holdfast\Tests\Chromium\ChromiumTestCase;
use Holdfast\Tests\Chromium\Device;
use Holdfast\Tests\Server\Site;

/**
 * The demo shop's cart, in Chromium.
 */
final class CartTest extends ChromiumTestCase
{
    protected static function openSite(): Site
    {
        return new DemoShop();
    }

    public function testGoodsStayInTheCartOfEachVisitor(): void
    {
        $laptop = $this->visitor(Device::laptop());
        $phone = $this->visitor(Device::phone());
        $laptop->open('/');
        $this->picture($laptop, 'goods');
        $laptop->press('Add Brass compass to the cart');
        self::assertSame('/cart', $laptop->path());
        self::assertStringContainsString('Brass compass is in your cart.', $laptop->text());
        $this->picture($laptop, 'cart');
        $laptop->reload();
        self::assertStringNotContainsString('is in your cart', $laptop->text(), 'the notice is shown once');
        $laptop->press('One Brass compass more');
        self::assertSame(['2'], $laptop->texts('.quantity'));

        $phone->open('/');
        $this->picture($phone, 'goods');
        $phone->open('/cart');
        self::assertStringContainsString('Nothing in it yet.', $phone->text());
        self::assertNotSame($laptop->cookies(), $phone->cookies());
    }
}
