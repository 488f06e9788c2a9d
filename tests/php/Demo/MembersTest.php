<?php

declare(strict_types=1);

namespace Holdfast\Tests\Demo;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Chromium\ChromiumTestCase;
use Holdfast\Tests\Chromium\Device;
use Holdfast\Tests\Chromium\Visitor;
use Holdfast\Tests\Server\Site;
use Holdfast\Tests\Wait;

/**
 * Issue 4: people sign up, log in and out, and look after their devices in the demo shop, in Chromium.
 */
final class MembersTest extends ChromiumTestCase
{
    private const PASSWORD = 'correct horse battery staple';

    private const TAB = "\u{E004}";

    protected static function openSite(): Site
    {
        return new DemoShop();
    }

    public function testSignUpKeepsTheCartAndGivesTheSessionAnotherId(): void
    {
        $laptop = $this->visitor(Device::laptop());
        $laptop->open('/');
        $laptop->press('Add Brass compass to the cart');
        $before = $laptop->cookies()['holdfast'];

        $laptop->follow('Log in');
        $laptop->follow('Sign up');
        $this->picture($laptop, 'sign-up');
        $this->fillAndPress($laptop, 'Sign up', 'anne');

        self::assertSame('/members', $laptop->path());
        self::assertSame(['Welcome aboard, anne.'], $laptop->texts('.notice'));
        $this->picture($laptop, 'members');
        $laptop->reload();
        self::assertSame([], $laptop->texts('.notice'), 'a notice is shown once');

        $laptop->follow('Cart 1 items');
        self::assertSame(['Brass compass'], $laptop->texts('.cart h2'));
        self::assertNotSame($before, $laptop->cookies()['holdfast']);
        $replay = (new Browser(self::site()->url()))->getWithCookieHeader('/members', "holdfast=$before");
        self::assertSame(303, $replay->status, 'who has the cookie from before is a guest');
    }

    public function testLogOutEverywhereElseEndsTheOtherDeviceAtItsNextRequest(): void
    {
        $laptop = $this->signedUp(Device::laptop(), 'bart');
        $phone = $this->visitor(Device::phone());
        $phone->open('/devices');
        self::assertSame('/login', $phone->path(), 'a guest is sent to log in');
        self::assertSame(['That page is for members. Please log in.'], $phone->texts('.notice'));
        $this->picture($phone, 'login');
        $this->fillAndPress($phone, 'Log in', 'bart');
        self::assertSame('/devices', $phone->path(), 'and comes back');
        self::assertSame(['Chrome on Android', 'Chrome on Linux'], $this->devices($phone));
        self::assertSame('Chrome on Android', $this->thisDevice($phone));
        $this->picture($phone, 'devices');

        $laptop->open('/members');
        self::assertStringContainsString('2 devices', $laptop->text());
        $laptop->follow('My devices');
        self::assertSame(['Chrome on Android', 'Chrome on Linux'], $this->devices($laptop));
        self::assertSame('Chrome on Linux', $this->thisDevice($laptop));
        $this->picture($laptop, 'devices');

        $laptop->press('Log out everywhere else');
        self::assertSame(['1 other device was logged out.'], $laptop->texts('.notice'));
        self::assertSame(['Chrome on Linux'], $this->devices($laptop));
        $this->picture($laptop, 'alone');
        $laptop->reload();
        self::assertSame([], $laptop->texts('.notice'));

        $phone->reload();
        self::assertSame('/login', $phone->path());
        $laptop->press('Log out everywhere else');
        self::assertSame(['You were logged in nowhere else.'], $laptop->texts('.notice'));
        $laptop->open('/members');
        self::assertSame('/members', $laptop->path(), 'who pressed the button stays');
    }

    public function testWhoStaysLoggedInComesBackWithoutTheSession(): void
    {
        $laptop = $this->signedUp(Device::laptop(), 'elke');
        $phone = $this->visitor(Device::phone());
        $phone->open('/login');
        $phone->field('Stay logged in on this device')->click();
        $this->fillAndPress($phone, 'Log in', 'elke');
        self::assertSame('/members', $phone->path());
        $this->closeBrowser($phone);
        $phone->open('/members');
        self::assertSame('/members', $phone->path(), 'the phone is known again');
        $this->closeBrowser($laptop);
        $laptop->open('/members');
        self::assertSame('/login', $laptop->path(), 'the laptop did not ask for it');
        $this->fillAndPress($laptop, 'Log in', 'elke');

        $laptop->open('/devices');
        self::assertSame(['stays logged in', 'this device'], $this->sorted($laptop->texts('.devices .badge')));
        $this->picture($laptop, 'devices-remembered');
        $laptop->press('Log out everywhere else');
        $this->closeBrowser($phone);
        $phone->open('/members');
        self::assertSame('/login', $phone->path(), 'and is forgotten with its session');
        $this->picture($phone, 'login-remember');
    }

    public function testOneDeviceIsLoggedOutAndThenThisOne(): void
    {
        $laptop = $this->signedUp(Device::laptop(), 'cleo');
        $phone = $this->loggedIn(Device::phone(), 'cleo');
        $laptop->open('/devices');

        $laptop->press('Log out Chrome on Android');
        self::assertSame(['That device is logged out.'], $laptop->texts('.notice'));
        $phone->open('/members');
        self::assertSame('/login', $phone->path());

        $laptop->press('Log out');
        self::assertSame('/', $laptop->path());
        self::assertSame(['You are logged out. Fair winds.'], $laptop->texts('.notice'));
        $laptop->open('/members');
        self::assertSame('/login', $laptop->path());
        $this->fillAndPress($laptop, 'Log in', 'cleo');
        self::assertSame('/members', $laptop->path());
    }

    public function testAFormWithoutItsTokenIsRefused(): void
    {
        $laptop = $this->signedUp(Device::laptop(), 'dora');
        $phone = $this->loggedIn(Device::phone(), 'dora');
        $cookies = $laptop->cookies();

        $laptop->open('/devices');
        $laptop->script('document.querySelectorAll("input[type=hidden]").forEach((one) => one.remove())');
        $laptop->press('Log out everywhere else');
        $this->assertRefused($laptop);

        // The token of somebody else, who is logged in too.
        $phone->open('/devices');
        $token = $phone->script(
            'const { name, value } = document.querySelector("[value=others]").form.querySelector("._post_token");'
                . ' return { name, value }'
        );
        $laptop->open('/devices');
        $laptop->script('const token = document.querySelector("[value=others]").form.querySelector("._post_token");'
            . ' Object.assign(token, arguments[0])', $token);
        $laptop->press('Log out everywhere else');
        $this->assertRefused($laptop);

        // Another site's page.
        $laptop->command('POST', '/url', ['url' => 'about:blank']);
        $laptop->script(
            'document.body.innerHTML = `<form method="post" action="${arguments[0]}/devices">'
                . '<button name="action" value="others">Win a yacht</button></form>`',
            self::site()->url()
        );
        $laptop->press('Win a yacht');
        $this->assertRefused($laptop);
        self::assertEquals($cookies, $laptop->cookies(), 'the session is the same');

        foreach ([$laptop, $phone] as $visitor) {
            $visitor->open('/members');
            self::assertSame('/members', $visitor->path(), 'nobody was logged out');
        }
    }

    public function testEveryFormHasAToken(): void
    {
        $laptop = $this->signedUp(Device::laptop(), 'emma');
        $guest = $this->visitor(Device::laptop());
        $laptop->open('/product/mug');
        $laptop->press('Add to cart');
        $counted = 0;
        foreach (
            [
                [$laptop, ['/', '/product/mug', '/cart', '/session', '/parallel', '/members', '/devices', '/crew', '/crew/profile']],
                [$guest, ['/login', '/sign-up']],
            ] as [$visitor, $paths]
        ) {
            foreach ($paths as $path) {
                $visitor->open($path);
                self::assertSame($path, $visitor->path());
                $tokens = $visitor->script(
                    'return [...document.forms].map((form) => form.querySelectorAll("[name^=TOKEN]").length)'
                );
                self::assertSame([1], array_values(array_unique($tokens)), $path);
                $counted += count($tokens);
            }
        }
        self::assertGreaterThan(18, $counted);
    }

    public function testWrongPasswordsAreToldAndThenHaveToWait(): void
    {
        $this->signedUp(Device::laptop(), 'finn');
        $phone = $this->visitor(Device::phone());
        $phone->open('/login');
        $this->fillAndPress($phone, 'Log in', 'finn', 'wrong');
        self::assertSame('There is no member of this name with this password.', $phone->element('.problem')->text());
        self::assertSame('finn', $phone->field('Name')->property('value'), 'only the password has to be typed again');
        self::assertSame('Password', $phone->focused());
        $this->picture($phone, 'wrong-password');

        // The first pauses are shorter than a busy machine may take to type.
        $pause = '/^There is no member .* Please wait ([4-9]|\d\d) seconds before the next one\.$/';
        Wait::until(function () use ($phone, $pause): bool {
            $this->fillAndPress($phone, 'Log in', 'finn', 'wrong');
            return preg_match($pause, $phone->element('.problem')->text()) === 1;
        }, 'wrong passwords lead to a pause', $phone->text(...), 60.0);
        $this->fillAndPress($phone, 'Log in', 'finn');
        self::assertMatchesRegularExpression(
            '/^That was too soon after the last try\. Please wait \d+ seconds? before the next one\.$/',
            $phone->element('.problem')->text(),
            'the right password, too, has to wait'
        );
        $this->picture($phone, 'too-soon');

        Wait::until(function () use ($phone): bool {
            $this->fillAndPress($phone, 'Log in', 'finn');
            return $phone->path() === '/members';
        }, 'the pause ends', $phone->text(...), 60.0);
        foreach ($phone->takeConsole() as $line) {
            self::assertMatchesRegularExpression('~/login .* (422|429) ~', $line, 'the forms that were not taken');
        }
    }

    public function testSignUpSaysWhatIsWrong(): void
    {
        $this->signedUp(Device::laptop(), 'gwen');
        $phone = $this->visitor(Device::phone());
        $phone->open('/sign-up');
        foreach (
            [
                ['Gwen', self::PASSWORD, 'Another member has this name. Please choose one of your own.'],
                ['not a name', self::PASSWORD, 'Please choose one from a to z, digits, and . - _ @ without spaces.'],
                ['hugo', 'short', 'Please choose one of 8 characters or more.'],
            ] as [$name, $password, $problem]
        ) {
            $this->fillAndPress($phone, 'Sign up', $name, $password);
            self::assertSame([$problem], $phone->texts('.problem'));
        }
        $this->picture($phone, 'sign-up-problem');
        self::assertCount(3, $phone->takeConsole(), 'three forms with status 422');
        $this->fillAndPress($phone, 'Sign up', 'hugo');
        self::assertSame('/members', $phone->path());
    }

    public function testThePasswordManagerAndTheKeyboardFindTheirWay(): void
    {
        $this->signedUp(Device::laptop(), 'iris');
        $visitor = $this->visitor(Device::laptop());
        $visitor->open('/sign-up');
        self::assertSame('username', $visitor->field('Name')->attribute('autocomplete'));
        self::assertSame('new-password', $visitor->field('Password')->attribute('autocomplete'));
        $visitor->open('/login');
        self::assertSame('username', $visitor->field('Name')->attribute('autocomplete'));
        self::assertSame('current-password', $visitor->field('Password')->attribute('autocomplete'));

        $order = [];
        do {
            $visitor->key(self::TAB);
            $order[] = $visitor->focused();
        } while (end($order) !== 'Name' && count($order) < 20);
        self::assertSame(
            ['Skip to content', 'Holdfast demo shop', 'Goods', 'Session', 'Parallel', 'Cart 0 items', 'Log in', 'Name'],
            $order
        );
        foreach (str_split('iris') as $letter) {
            $visitor->key($letter);
        }
        $visitor->key(self::TAB);
        self::assertSame('Password', $visitor->focused());
        foreach (str_split(self::PASSWORD) as $letter) {
            $visitor->key($letter);
        }
        $visitor->enter();
        self::assertSame('/members', $visitor->path());
    }

    public function testPagesFitOnAPhoneLightAndDark(): void
    {
        $name = 'captain.josephine.of.the.seven.seas@harbour.example';
        $this->signedUp(Device::laptop(), $name);
        foreach ([Device::phone(), Device::phone()->dark(), Device::laptop()->dark()] as $device) {
            $visitor = $this->loggedIn($device, $name);
            foreach (['/', '/cart', '/session', '/parallel', '/members', '/devices', '/nowhere'] as $path) {
                $visitor->open($path);
                $this->assertFits($visitor);
                $this->picture($visitor, 'long-name-' . (trim($path, '/') ?: 'goods'));
            }
            self::assertCount(1, $visitor->takeConsole(), 'the page that is not there');
            $visitor->deleteCookies();
            foreach (['/login', '/sign-up'] as $path) {
                $visitor->open($path);
                $this->assertFits($visitor);
                $this->picture($visitor, 'guest-' . trim($path, '/'));
            }
        }
    }

    private function assertFits(Visitor $visitor): void
    {
        $width = $visitor->script('return document.documentElement.scrollWidth');
        self::assertLessThanOrEqual($visitor->device->width, $width, $visitor->path() . ' scrolls sideways');
        foreach ([...$visitor->elements('button'), ...$visitor->elements('input:not([type=hidden], [type=checkbox]), .check')] as $control) {
            self::assertGreaterThanOrEqual(
                $control->attribute('class') === 'button-quiet' ? 24 : 40,
                $control->rectangle()['height'],
                "{$control->label()} on {$visitor->path()} is too small for a finger"
            );
        }
    }

    private function assertRefused(Visitor $visitor): void
    {
        self::assertStringContainsString('That form was not taken', $visitor->text());
        $console = $visitor->takeConsole();
        self::assertCount(1, $console, implode("\n", $console));
        self::assertStringContainsString('403', $console[0]);
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
        $visitor = $this->visitor($device);
        $visitor->open('/login');
        $this->fillAndPress($visitor, 'Log in', $name);
        self::assertSame('/members', $visitor->path(), $visitor->text());
        return $visitor;
    }

    private function fillAndPress(Visitor $visitor, string $button, string $name, string $password = self::PASSWORD): void
    {
        $visitor->fill(['Name' => $name, 'Password' => $password]);
        $visitor->press($button);
    }

    /** The cookies of the session go, as when it has ended; others stay. */
    private function closeBrowser(Visitor $visitor): void
    {
        $visitor->deleteCookie('holdfast');
        $visitor->deleteCookie('holdfast_challenge');
    }

    /**
     * @param list<string> $texts
     * @return list<string>
     */
    private function sorted(array $texts): array
    {
        sort($texts);
        return $texts;
    }

    /** @return list<string> in the order of their names */
    private function devices(Visitor $visitor): array
    {
        $names = array_map(fn (string $text): string => strtok($text, "\n"), $visitor->texts('.devices h2'));
        sort($names);
        return $names;
    }

    private function thisDevice(Visitor $visitor): string
    {
        $marked = array_filter(
            $visitor->texts('.devices h2'),
            fn (string $text): bool => str_contains($text, 'this device')
        );
        self::assertCount(1, $marked);
        return trim(str_replace('this device', '', reset($marked)));
    }
}
