<?php

declare(strict_types=1);

namespace Holdfast\Tests\Chromium;

use Holdfast\Tests\Demo\DemoShop;
use Holdfast\Tests\Server\Site;

/**
 * What the walks through the shop rely on: devices are what they say, and nothing that a console says gets lost.
 */
final class VisitorTest extends ChromiumTestCase
{
    protected static function openSite(): Site
    {
        return new DemoShop();
    }

    public function testDevicesHaveTheirSizeColoursAndNames(): void
    {
        $figures = 'return [innerWidth, innerHeight, devicePixelRatio,'
            . ' matchMedia("(prefers-color-scheme: dark)").matches, navigator.userAgent.includes("Mobile")]';
        foreach (
            [
                [Device::laptop(), [1280, 800, 1, false, false]],
                [Device::phone()->dark(), [390, 844, 2, true, true]],
            ] as [$device, $expected]
        ) {
            $visitor = $this->visitor($device);
            $visitor->open('/');
            self::assertSame($expected, $visitor->script($figures));
        }
    }

    public function testTheConsoleIsHeard(): void
    {
        $visitor = $this->visitor(Device::laptop());
        $visitor->open('/');
        self::assertSame([], $visitor->takeConsole());

        $visitor->script('return new Promise(done => setTimeout(() => { setTimeout(done); throw new Error("uncaught"); }))');
        $visitor->script('document.body.setAttribute("style", "color: red")');
        $visitor->open('/nowhere');
        $visitor->open('/');

        $said = $visitor->takeConsole();
        self::assertCount(3, $said, implode("\n", $said));
        self::assertStringContainsString('uncaught', $said[0]);
        self::assertStringContainsString('Content Security Policy', $said[1]);
        self::assertStringContainsString('404', $said[2]);
    }
}
