<?php

declare(strict_types=1);

namespace Holdfast\Tests\Admin;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\Request;
use Holdfast\Tests\Chromium\ChromiumTestCase;
use Holdfast\Tests\Chromium\Device;
use Holdfast\Tests\Chromium\Visitor;
use Holdfast\Tests\Server\Site;
use Holdfast\Tests\Wait;

/**
 * Issue 9: an operator walks through the admin page in Chromium, on a live store with many sessions, while others work on it.
 *
 * HOLDFAST_ADMIN_SESSIONS in the environment is how many there are; 10,000 else.
 */
final class WalkTest extends ChromiumTestCase
{
    protected static function openSite(): Site
    {
        $site = new CrowdedSite((int) (getenv('HOLDFAST_ADMIN_SESSIONS') ?: 10_000));
        $site->work();
        return $site;
    }

    /** An operator, on the page that shows the figures. */
    private function operator(Device $device): Visitor
    {
        $operator = $this->visitor($device);
        $operator->open('/admin.php?operator=ada');
        return $operator;
    }

    /** A member who is logged in, with a browser of a name that is nobody else's. */
    private static function member(string $name, string $browser): Browser
    {
        $member = new Browser(self::site()->url());
        $calls = json_encode([['login', [$name, strrev($name)]]]);
        $member->send(new Request('/call.php?' . http_build_query(['calls' => $calls]), headers: ['User-Agent' => $browser]));
        return $member;
    }

    private static function isLoggedIn(Browser $member, string $browser): bool
    {
        $request = new Request(
            '/call.php?' . http_build_query(['calls' => '[["isLoggedin",[]]]']),
            headers: ['User-Agent' => $browser]
        );
        return json_decode($member->send($request)->body, true, flags: JSON_THROW_ON_ERROR)['results'][0];
    }

    /** @return array<string, array{Device}> */
    public static function devices(): array
    {
        return [
            'laptop' => [Device::laptop()],
            'laptop, dark' => [Device::laptop()->dark()],
            'phone' => [Device::phone()],
            'phone, dark' => [Device::phone()->dark()],
        ];
    }

    /** @dataProvider devices */
    public function testTheChartsMove(Device $device): void
    {
        $operator = $this->operator($device);
        $line = fn (): string => (string) $operator->script('return document.querySelectorAll(".rate .line")[0].getAttribute("d")');
        $points = fn (): int => substr_count($line(), 'L');
        // Pictures are of charts that are full.
        $enough = getenv('HOLDFAST_SCREENSHOTS') ? 35 : 2;
        Wait::until(fn (): bool => $points() >= $enough, 'there is a line', $operator->text(...), 150);
        $before = $line();
        Wait::until(fn (): bool => $line() !== $before, 'the line moves', $operator->text(...), 30);
        $rates = $operator->texts('.rate [data-figure=commits] b, .rate [data-figure=merges] b, .rate [data-figure=conflicts] b');
        foreach ($rates as $rate) {
            self::assertGreaterThan(0, (float) strtr($rate, [',' => '']), implode(' ', $rates));
        }
        self::assertSame('Live', $operator->element('#pulse')->text());
        self::assertFits($operator);
        $this->picture($operator, 'admin-overview', !$device->isPhone);
    }

    /** @dataProvider devices */
    public function testOneSessionIsFoundAndEnded(Device $device): void
    {
        $browser = "Ketch/7 ({$device->name})";
        $alice = self::member('alice', $browser);
        self::assertTrue(self::isLoggedIn($alice, $browser));
        $operator = $this->operator($device);
        $operator->follow('Sessions');
        self::assertFits($operator);
        $site = self::site();
        \assert($site instanceof CrowdedSite);
        self::assertGreaterThanOrEqual($site->sessions, (int) strtr($operator->element('.count')->text(), [',' => '']));
        $operator->element('select[name=hf_who]')->type('Users');
        $operator->press('Search', 'form');
        self::assertCount(50, preg_grep('/^Guest/', $operator->texts('tbody th'), PREG_GREP_INVERT) ?: []);
        $this->picture($operator, 'admin-sessions', false);
        $operator->follow('Show all');

        $operator->fill(['Search' => "KETCH/7 ({$device->name})"]);
        $operator->press('Search', 'form');
        self::assertSame(['1 session matches'], $operator->texts('.count'));
        self::assertStringContainsString('alice', $operator->text());
        $short = $operator->element('tbody code')->text();
        self::assertSame("End session $short", $operator->element('tbody .button')->label());
        $operator->element('tbody .button')->click();
        $this->picture($operator, 'admin-ask');
        $operator->element('dialog button[type=button]')->click();
        self::assertTrue(self::isLoggedIn($alice, $browser), 'who cancels changes nothing');
        $operator->element('tbody .button')->click();
        $operator->press('End session', 'dialog');
        self::assertStringContainsString('The session has ended.', $operator->text());
        self::assertStringContainsString('No session matches', $operator->text());
        $this->picture($operator, 'admin-ended');
        self::assertFalse(self::isLoggedIn($alice, $browser), 'the owner is a guest at the next request');
        $operator->reload();
        self::assertStringNotContainsString('The session has ended.', $operator->text(), 'it is told once');

        $operator->follow('Audit trail', '.top');
        self::assertFits($operator);
        $operator->element('select')->type('Session ended');
        $operator->press('Search', 'form');
        self::assertStringContainsString('Ended by an operator', $operator->text());
        self::assertStringContainsString('by ada', $operator->text());
        $this->picture($operator, 'admin-audit', false);
    }

    private static function assertFits(Visitor $visitor): void
    {
        [$content, $window] = $visitor->script('return [document.documentElement.scrollWidth, innerWidth]');
        self::assertLessThanOrEqual($window, $content, 'the page is wider than the ' . $visitor->device->name);
    }

    public function testSortingAndPaging(): void
    {
        $operator = $this->operator(Device::laptop());
        $operator->follow('Sessions');
        $sizes = fn (): array => $operator->script(
            'return [...document.querySelectorAll("td.bytes")].map(cell => parseFloat(cell.textContent) * (cell.textContent.includes("K") ? 1024 : 1))'
        );
        $operator->follow('Size');
        self::assertSame('descending', $operator->element('th.bytes')->attribute('aria-sort'));
        $largest = $sizes();
        self::assertCount(50, $largest);
        $sorted = $largest;
        rsort($sorted);
        self::assertSame($sorted, $largest);
        $operator->follow('Size');
        $smallest = $sizes();
        self::assertLessThan($largest[0], $smallest[0]);
        $operator->follow('Next');
        self::assertStringContainsString('Page 2 of', $operator->text());
        self::assertGreaterThanOrEqual($smallest[49], $sizes()[0]);
        $operator->follow('Last');
        self::assertGreaterThanOrEqual($sizes()[0], $largest[0]);
        self::assertGreaterThan(0, count($operator->elements('tbody tr')));
    }

    public function testAUsersDevicesAreLoggedOutTogether(): void
    {
        $browsers = ['Sloop/1', 'Sloop/2', 'Sloop/3'];
        $bobs = array_map(static fn (string $browser): Browser => self::member('bob', $browser), $browsers);
        $operator = $this->operator(Device::laptop());
        $operator->follow('Sessions');
        $operator->fill(['Search' => 'sloop/1']);
        $operator->press('Search', 'form');
        $operator->follow('bob');
        self::assertSame('Devices of user bob (2)', $operator->element('h1')->text());
        self::assertCount(3, $operator->elements('tbody tr'));
        $this->picture($operator, 'admin-devices');
        $operator->element('.title .button')->click();
        $this->picture($operator, 'admin-ask-all');
        $operator->press('Log out everywhere', 'dialog');
        self::assertStringContainsString('3 devices were logged out.', $operator->text());
        foreach ($bobs as $number => $bob) {
            self::assertFalse(self::isLoggedIn($bob, $browsers[$number]));
        }
    }

    public function testItIsUsedByTheKeyboardAlone(): void
    {
        $browser = 'Yawl/1';
        $alice = self::member('alice', $browser);
        $operator = $this->operator(Device::laptop());
        $operator->open('/admin.php?hf_view=sessions&hf_search=yawl');
        $tab = "\u{E004}";
        for ($steps = 0; !str_starts_with($operator->focused(), 'End session'); ++$steps) {
            self::assertLessThan(40, $steps, 'the button is never reached');
            $operator->key($tab);
        }
        $operator->key("\u{E007}");
        self::assertSame('Cancel', $operator->focused(), 'who presses Enter twice changes nothing');
        $operator->key($tab);
        self::assertSame('End session', $operator->focused());
        $operator->enter();
        self::assertStringContainsString('The session has ended.', $operator->text());
        self::assertFalse(self::isLoggedIn($alice, $browser));
    }

    public function testColoursAreChosen(): void
    {
        $operator = $this->operator(Device::laptop());
        $page = fn (): string => $operator->script('return getComputedStyle(document.documentElement).backgroundColor');
        $light = $page();
        $operator->element('.colours')->click();
        self::assertSame($light, $page(), 'light is what the system says, too');
        $operator->element('.colours')->click();
        self::assertNotSame($light, $page());
        $operator->reload();
        self::assertNotSame($light, $page());
        self::assertSame('Colours: dark', $operator->element('.colours')->label());
    }
}
