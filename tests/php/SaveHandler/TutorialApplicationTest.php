<?php

declare(strict_types=1);

namespace Holdfast\Tests\SaveHandler;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\Crowd;
use Holdfast\Tests\Browser\Request;
use Holdfast\Tests\Server\SiteTestCase;

/**
 * Issue 3: an application that uses `$_SESSION` as PHP tutorials teach it (site/tutorial/) runs with two lines of php.ini.
 * (The store's place, a third setting here, keeps the test's sessions apart from the machine's.)
 */
final class TutorialApplicationTest extends SiteTestCase
{
    /** @dataProvider servers */
    public function testLoginCartFlashAndLogout(string $server): void
    {
        $visitor = new Browser(self::site($server)->url() . '/tutorial');
        $page = $this->page($visitor);
        self::assertStringContainsString('You were here 1 times.', $page);
        self::assertStringContainsString('<form action="login.php"', $page);
        $asGuest = $visitor->cookies['PHPSESSID'];

        $visitor->post('/add-to-cart.php', ['product' => 'tea', 'quantity' => '2']);
        $visitor->post('/login.php', ['username' => 'anna', 'password' => 'guessed']);
        self::assertStringContainsString('Wrong name or password.', $this->page($visitor));
        self::assertSame($asGuest, $visitor->cookies['PHPSESSID']);

        $login = $visitor->post('/login.php', ['username' => 'anna', 'password' => 'secret']);
        self::assertSame(302, $login->status, (string) $login);
        self::assertNotSame($asGuest, $visitor->cookies['PHPSESSID']);
        $page = $this->page($visitor);
        self::assertStringContainsString('Welcome, anna!', $page);
        self::assertStringContainsString('You are logged in.', $page);
        self::assertStringContainsString('<li>tea: 2</li>', $page);
        self::assertStringNotContainsString('class="flash"', $this->page($visitor), 'a flash message is shown once');

        $attacker = new Browser(self::site($server)->url() . '/tutorial');
        $attacker->cookies['PHPSESSID'] = $asGuest;
        self::assertStringNotContainsString('anna', $this->page($attacker), 'S05: the id from before the login');

        $visitor->post('/add-to-cart.php', ['product' => 'tea', 'quantity' => '1']);
        $visitor->post('/add-to-cart.php', ['product' => 'scones', 'quantity' => '4']);
        $page = $this->page($visitor);
        self::assertStringContainsString('<li>tea: 3</li>', $page);
        self::assertStringContainsString('<li>scones: 4</li>', $page);
        $visitor->post('/remove-from-cart.php', ['product' => 'tea']);
        self::assertStringNotContainsString('tea: 3', $this->page($visitor));

        $asUser = $visitor->cookies;
        $logout = $visitor->get('/logout.php');
        self::assertSame(302, $logout->status, (string) $logout);
        self::assertSame([], $visitor->cookies);
        $page = $this->page($visitor);
        self::assertStringContainsString('You were here 1 times.', $page);
        self::assertStringNotContainsString('scones', $page);

        $visitor->cookies = $asUser;
        self::assertStringNotContainsString('anna', $this->page($visitor), 'the cookie from before the logout');
    }

    /** No lock, and the cart is two levels deep: eight clicks at once. */
    public function testParallelClicksAllCount(): void
    {
        $url = self::fpm()->url() . '/tutorial';
        $visitor = new Browser($url);
        $visitor->post('/add-to-cart.php', ['product' => 'tea', 'quantity' => '1']);
        $clicks = [];
        for ($number = 0; $number < 8; ++$number) {
            $clicks[] = (function () use ($visitor, $number): iterable {
                yield [$visitor, new Request(
                    '/add-to-cart.php',
                    fields: ['product' => "product $number", 'quantity' => '1']
                )];
            })();
        }
        Crowd::run($clicks);
        $page = $this->page($visitor);
        for ($number = 0; $number < 8; ++$number) {
            self::assertStringContainsString("<li>product $number: 1</li>", $page);
        }
    }

    /** @return array<string, string|int> */
    protected static function settings(): array
    {
        return ['session.save_handler' => 'holdfast', 'session.serialize_handler' => 'holdfast'];
    }

    private function page(Browser $visitor): string
    {
        $response = $visitor->get('/index.php');
        self::assertTrue($response->isAcknowledged(), (string) $response);
        self::assertStringNotContainsString('Warning', $response->body);
        return $response->body;
    }
}
