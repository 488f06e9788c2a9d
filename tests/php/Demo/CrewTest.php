<?php

declare(strict_types=1);

namespace Holdfast\Tests\Demo;

use Holdfast\Tests\Chromium\ChromiumTestCase;
use Holdfast\Tests\Chromium\Device;
use Holdfast\Tests\Chromium\Visitor;
use Holdfast\Tests\Server\Site;

/**
 * Issue 5: the members' area in ExpressionEngine's style, beside the one in ProcessWire's style and over the same session, in
 * Chromium.
 */
final class CrewTest extends ChromiumTestCase
{
    private const PASSWORD = 'correct horse battery staple';

    /** Where somebody has signed up first. */
    private static ?Site $captained = null;

    protected static function openSite(): Site
    {
        return new DemoShop();
    }

    public function testALoginInOneStyleIsALoginInTheOther(): void
    {
        $this->captain()->open('/');
        $laptop = $this->visitor(Device::laptop());
        $laptop->open('/sign-up');
        $this->fillAndPress($laptop, 'Sign up', 'anne');
        self::assertSame('/members', $laptop->path());
        self::assertSame(
            ['ProcessWire’s style', 'ExpressionEngine’s style'],
            $laptop->texts('.areas span'),
            'both stand side by side'
        );
        $laptop->follow('Quarters');
        self::assertSame('/crew', $laptop->path(), 'and there is no other login');
        self::assertStringContainsString('Ahoy, anne.', $laptop->text());
        self::assertSame(['Members', '2 members', 'none yet'], $laptop->texts('.facts dd'));
        $this->picture($laptop, 'crew');

        $laptop->press('Log out');
        $laptop->open('/crew');
        self::assertSame('/login', $laptop->path(), 'a logout is one, too');
        self::assertSame(['The quarters are for the crew. Please log in.'], $laptop->texts('.notice'), 'flash data');
        $this->picture($laptop, 'crew-login');
        $laptop->reload();
        self::assertSame([], $laptop->texts('.notice'));

        $this->fillAndPress($laptop, 'Log in', 'anne');
        self::assertSame('/crew', $laptop->path(), 'back to where a member was asked for');
        $laptop->follow('Mess');
        self::assertStringContainsString('Ahoy, anne.', $laptop->text());
    }

    public function testAProfileIsChangedAndTheNextPageSaysSoOnce(): void
    {
        $this->captain()->open('/');
        $phone = $this->signedUp(Device::phone(), 'bart');
        $laptop = $this->loggedIn(Device::laptop(), 'bart');
        $phone->open('/crew/profile');
        self::assertSame('bart', $phone->field('Screen name')->property('value'));

        $phone->fill(['Screen name' => '  ', 'E-mail address' => 'nowhere']);
        $phone->press('Save');
        self::assertSame('/crew/profile', $phone->path());
        self::assertSame(
            ['Please choose one of 1 to 254 characters.', 'That is no e-mail address.'],
            $phone->texts('.problem')
        );
        self::assertSame('nowhere', $phone->field('E-mail address')->property('value'), 'what was typed is there again');
        $this->picture($phone, 'crew-profile-problem');
        $phone->reload();
        self::assertSame([], $phone->texts('.problem'), 'once');
        self::assertSame('', $phone->field('E-mail address')->property('value'));

        $phone->fill(['Screen name' => 'Bart <b>Bootsman</b>', 'E-mail address' => 'bart@harbour.example']);
        $phone->press('Save');
        self::assertSame('/crew', $phone->path());
        self::assertSame(['Your profile is changed.'], $phone->texts('.notice'));
        self::assertStringContainsString('Ahoy, Bart <b>Bootsman</b>.', $phone->text());
        self::assertStringContainsString('bart@harbour.example', $phone->text());
        $this->picture($phone, 'crew-changed');
        $phone->reload();
        self::assertSame([], $phone->texts('.notice'));

        $laptop->open('/members');
        self::assertSame(
            'Members’ mess of Bart <b>Bootsman</b>',
            $laptop->element('.account')->label(),
            'the other device knows it at its next page, and the other style'
        );
        $this->fillAndPress($this->atLogin($laptop), 'Log in', 'bart');
        self::assertSame('/members', $laptop->path(), 'one logs in by the name, which is as it was');
    }

    public function testARoleThatAnAdminChangesHoldsAtTheNextRequestOnAllDevices(): void
    {
        $captain = $this->captain();
        $laptop = $this->signedUp(Device::laptop(), 'cleo');
        $phone = $this->loggedIn(Device::phone(), 'cleo');
        foreach ([$laptop, $phone] as $device) {
            $device->open('/crew');
            self::assertSame(['yes', 'yes', 'no', 'no', 'no'], $device->texts('.privileges b'));
            self::assertContains('cleo Members', $this->aboard($device));
            self::assertNotContains('Roles', $device->texts('.areas a'));
            $device->open('/crew/roles');
            self::assertStringContainsString('Not a Super Admin', $device->text());
            self::assertCount(1, $device->takeConsole(), 'the status 403');
        }
        $this->picture($phone, 'crew-refused');

        $captain->open('/crew');
        self::assertSame(['yes', 'yes', 'yes', 'yes', 'yes'], $captain->texts('.privileges b'));
        $captain->follow('Roles');
        $this->giveRole($captain, 'cleo', 'Editors');
        $this->picture($captain, 'crew-roles');
        foreach ([$laptop, $phone] as $device) {
            $device->open('/crew');
            self::assertSame(['yes', 'yes', 'yes', 'yes', 'no'], $device->texts('.privileges b'));
            self::assertContains('cleo Editors', $this->aboard($device));
        }
        $this->giveRole($captain, 'cleo', 'Pending');
        foreach ([$laptop, $phone] as $device) {
            $device->reload();
            self::assertSame(['no', 'no', 'no', 'no', 'no'], $device->texts('.privileges b'));
            self::assertStringContainsString('Your role doesn’t see the list.', $device->text());
        }
        $this->giveRole($captain, 'cleo', 'Banned');
        foreach ([$laptop, $phone] as $device) {
            $device->reload();
            self::assertStringContainsString('You were put ashore', $device->text());
            self::assertCount(1, $device->takeConsole(), 'the status 403');
        }
        $this->giveRole($captain, 'cleo', 'Super Admin');
        foreach ([$laptop, $phone] as $device) {
            $device->reload();
            self::assertSame(['yes', 'yes', 'yes', 'yes', 'yes'], $device->texts('.privileges b'));
            $device->follow('Roles');
            self::assertStringContainsString('cleo', $device->text());
        }
    }

    public function testThePagesThatWereSeenLast(): void
    {
        $this->captain()->open('/');
        $laptop = $this->signedUp(Device::laptop(), 'dora');
        $laptop->open('/crew');
        foreach (['/', '/product/mug', '/product/mug', '/nowhere', '/cart'] as $path) {
            $laptop->open($path);
        }
        self::assertCount(1, $laptop->takeConsole(), 'the page that is not there');
        $laptop->open('/crew');
        self::assertSame(['/cart', '/product/mug', '/', '/crew'], $laptop->texts('.steps a'));
        $laptop->reload();
        self::assertSame(['/cart', '/product/mug', '/', '/crew'], $laptop->texts('.steps a'), 'a reload is no page');
        $laptop->follow('/product/mug');
        self::assertSame('/product/mug', $laptop->path());
    }

    public function testAFormWithoutItsTokenIsRefused(): void
    {
        $captain = $this->captain();
        $this->signedUp(Device::laptop(), 'emma');
        foreach (['/crew/profile' => 'Save', '/crew/roles' => 'Save the role of emma'] as $path => $button) {
            $captain->open($path);
            if ($path === '/crew/profile') {
                $captain->fill(['E-mail address' => 'captain@harbour.example']);
            }
            $captain->script('document.querySelectorAll("input._post_token").forEach((one) => one.remove())');
            $captain->press($button);
            self::assertStringContainsString('That form was not taken', $captain->text());
            self::assertCount(1, $captain->takeConsole(), 'the status 403');
        }
    }

    public function testPagesFitOnAPhoneLightAndDark(): void
    {
        $captain = $this->captain();
        $name = 'captain.josephine.of.the.seven.seas@harbour.example';
        $this->signedUp(Device::laptop(), $name);
        $captain->open('/crew/roles');
        $this->giveRole($captain, $name, 'Super Admin');
        foreach ([Device::phone(), Device::phone()->dark(), Device::laptop()->dark()] as $device) {
            $visitor = $this->loggedIn($device, $name);
            $visitor->open('/crew/profile');
            $visitor->fill(['E-mail address' => $name]);
            $visitor->press('Save');
            self::assertSame('/crew', $visitor->path());
            $this->assertFits($visitor, '/crew');
            foreach (['/members', '/devices', '/crew', '/crew/profile', '/crew/roles', '/session'] as $path) {
                $visitor->open($path);
                self::assertSame($path, $visitor->path());
                $this->assertFits($visitor, $path);
                $this->picture($visitor, 'long-crew-' . strtr(trim($path, '/'), '/', '-'));
            }
        }
    }

    private function assertFits(Visitor $visitor, string $path): void
    {
        $width = $visitor->script('return document.documentElement.scrollWidth');
        self::assertLessThanOrEqual($visitor->device->width, $width, "$path scrolls sideways");
        foreach ($visitor->elements('.button, .button-quiet, select, input:not([type=hidden])') as $control) {
            self::assertGreaterThanOrEqual(40, $control->rectangle()['height'], "{$control->label()} on $path");
        }
    }

    /** The first who signed up: a Super Admin. */
    private function captain(): Visitor
    {
        if (self::$captained !== self::site()) {
            self::$captained = self::site();
            return $this->signedUp(Device::laptop(), 'captain');
        }
        return $this->loggedIn(Device::laptop(), 'captain');
    }

    private function giveRole(Visitor $captain, string $member, string $role): void
    {
        $captain->field("Role of $member")->type($role);
        $captain->press("Save the role of $member");
        self::assertSame(["$member is in the role $role from their next page on."], $captain->texts('.notice'));
        self::assertSame('/crew/roles', $captain->path());
    }

    /** @return list<string> each member with the role */
    private function aboard(Visitor $visitor): array
    {
        return array_map(
            static fn (string $text): string => (string) preg_replace('/\s+/', ' ', $text),
            $visitor->texts('.aboard li')
        );
    }

    private function signedUp(Device $device, string $name): Visitor
    {
        $visitor = $this->visitor($device);
        $visitor->open('/sign-up');
        $this->fillAndPress($visitor, 'Sign up', $name);
        self::assertSame('/members', $visitor->path(), $visitor->text());
        return $visitor;
    }

    private function loggedIn(Device $device, string $name): Visitor
    {
        $visitor = $this->atLogin($this->visitor($device));
        $this->fillAndPress($visitor, 'Log in', $name);
        self::assertSame('/members', $visitor->path(), $visitor->text());
        return $visitor;
    }

    private function atLogin(Visitor $visitor): Visitor
    {
        $visitor->open('/');
        $visitor->deleteCookies();
        $visitor->open('/login');
        return $visitor;
    }

    private function fillAndPress(Visitor $visitor, string $button, string $name): void
    {
        $visitor->fill(['Name' => $name, 'Password' => self::PASSWORD]);
        $visitor->press($button);
    }
}
