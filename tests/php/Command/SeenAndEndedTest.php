<?php

declare(strict_types=1);

namespace Holdfast\Tests\Command;

use Holdfast\Tests\Authentication\MembersTestCase;
use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\TemporaryDirectory;

/**
 * What `holdfast ls`, `show` and `rm` say of the visitors of a real site, and do to them: by the class Session and by
 * $_SESSION alike.
 */
final class SeenAndEndedTest extends MembersTestCase
{
    private static ?TemporaryDirectory $store = null;

    protected static function settings(): array
    {
        return [
            'holdfast.throttle' => 0,
            'holdfast.store' => self::store(),
            'session.save_handler' => 'holdfast',
            'session.serialize_handler' => 'holdfast',
        ];
    }

    public static function tearDownAfterClass(): void
    {
        parent::tearDownAfterClass();
        self::$store?->remove();
        self::$store = null;
    }

    protected function tearDown(): void
    {
        foreach (self::command()->lists() as $session) {
            self::command()->says('rm', '--yes', $session['handle']);
        }
        self::assertSame([], self::command()->lists());
    }

    public function testAMemberIsListedWithUserAddressAndBrowser(): void
    {
        $alice = self::visitor();
        $answer = $alice->send(self::request(
            [['login', 'alice', 'ecila'], ['getSessions']],
            headers: ['User-Agent' => "Laptop/1.0 \u{202e}"]
        ));
        $guest = self::guest();
        $listed = self::command()->lists('--sort', 'user');
        self::assertSame([null, '1'], array_column($listed, 'user'));
        self::assertSame([null, '127.0.0.1'], array_column($listed, 'address'));
        self::assertSame("Laptop/1.0 \u{202e}", $listed[1]['browser']);
        self::assertSame(self::said($answer)['results'][1][0]['handle'], $listed[1]['handle']);
        self::assertCount(1, self::command()->lists('--members', '--from', '127.0.0.0/8'));
        self::assertCount(1, self::command()->lists('--guests'));
        $table = self::command()->says('ls', '--members');
        self::assertStringContainsString('Laptop/1.0 \u{202e}', $table);
        self::assertStringNotContainsString("\u{202e}", $table);
        foreach ([$alice, $guest] as $visitor) {
            self::assertStringNotContainsString(self::id($visitor), $table . json_encode($listed), 'ids are not shown (S29)');
        }
    }

    public function testValuesAreShownAsPhpHasThemAndSecretsAreNot(): void
    {
        $visitor = self::visitor();
        self::call(
            $visitor,
            ['set', 'cart', ['tea' => 2, 'sizes' => [1.5, null, true]]],
            ['set', 'user_password', 'geheim'],
            ['set', 'form', ['csrf_token' => 'geheim', 'name' => "Zo\u{eb}"]],
        );
        $handle = self::command()->lists()[0]['handle'];
        $shown = json_decode(self::command()->says('show', '--values', '--json', substr($handle, 0, 8)), true);
        self::assertSame(['tea' => 2, 'sizes' => [1.5, null, true]], $shown['values']['cart']);
        self::assertSame("Zo\u{eb}", $shown['values']['form']['name']);
        self::assertSame(['hidden' => '***', 'is' => 'string, 6 bytes'], $shown['values']['user_password']);
        $text = self::command()->says('show', '--values', $handle);
        self::assertStringContainsString('csrf_token: *** (string, 6 bytes)', $text);
        self::assertStringNotContainsString('geheim', $text . json_encode($shown));
        self::assertStringNotContainsString('cart', self::command()->says('show', $handle));
    }

    public function testObjectsAreNotShownByWhatIsInThem(): void
    {
        $visitor = self::visitor();
        self::shows($visitor, 'set');
        $handle = self::command()->lists()[0]['handle'];
        $text = self::command()->says('show', '--values', $handle);
        self::assertMatchesRegularExpression('/^  basket: object, \d+ bytes$/m', $text);
        self::assertStringContainsString('  n: 1', $text);
        self::assertStringNotContainsString('geheim', $text);
    }

    public function testWhoseSessionIsEndedIsAGuestAtTheNextRequest(): void
    {
        [$laptop, $phone] = [self::member(), self::member()];
        $handle = self::call($laptop, ['getSessions'])[0];
        $own = array_column(array_filter($handle, static fn (array $session): bool => $session['isCurrent']), 'handle')[0];
        self::assertSame("ended 1 session\n", self::command()->says('rm', '--yes', substr($own, 0, 12)));
        self::assertFalse(self::isLoggedIn($laptop));
        self::assertTrue(self::isLoggedIn($phone));
    }

    public function testAllSessionsOfAUserEndAndNobodyElses(): void
    {
        [$laptop, $phone, $bob] = [self::member(), self::member(), self::member('bob')];
        self::assertSame("ended 2 sessions of user 1\n", self::command()->says('rm', '--yes', '--user', '1'));
        self::assertFalse(self::isLoggedIn($laptop));
        self::assertFalse(self::isLoggedIn($phone));
        self::assertTrue(self::isLoggedIn($bob));
    }

    public function testARememberedLoginEndsWithItsSession(): void
    {
        $visitor = self::visitor();
        self::call($visitor, ['login', 'alice', 'ecila'], ['rememberMe']);
        self::assertArrayHasKey('holdfast_remember', $visitor->cookies);
        self::assertSame("ended 1 session\n", self::command()->says('rm', '--yes', '--members'));
        self::assertFalse(self::isLoggedIn($visitor), 'known again by what was remembered');
    }

    public function testASessionOfPhpsOwnIsSeenAndEnded(): void
    {
        $visitor = self::visitor();
        self::assertSame(1, self::shows($visitor, 'count'));
        self::assertSame(2, self::shows($visitor, 'count'));
        self::assertSame("ended 1 session\n", self::command()->says('rm', '--yes', '--guests'));
        self::assertSame(1, self::shows($visitor, 'count'), 'a session that begins anew');
    }

    public function testOneUnknownHandleAndEverybodyStays(): void
    {
        $alice = self::member();
        $handle = self::command()->lists()[0]['handle'];
        [$code, $output, $errors] = self::command()->run('rm', '--yes', $handle, '0123456789ab');
        self::assertSame([5, '', "holdfast: there is no session 0123456789ab\n"], [$code, $output, $errors]);
        self::assertTrue(self::isLoggedIn($alice));
    }

    public function testLookingIsNoUseOfASession(): void
    {
        $alice = self::member();
        $before = self::command()->lists()[0];
        self::command()->says('show', '--values', $before['handle']);
        self::command()->says('stat', '--prometheus');
        $after = self::command()->lists()[0];
        unset($before['idle_seconds'], $after['idle_seconds']);
        self::assertSame($before, $after);
        self::assertTrue(self::isLoggedIn($alice));
    }

    private static function command(): HoldfastCommand
    {
        return new HoldfastCommand(self::store());
    }

    private static function store(): string
    {
        self::$store ??= new TemporaryDirectory();
        return 'shared://' . self::$store->path . '/sessions?size=32M';
    }

    /** Somebody with a value, and no login. */
    private static function guest(): Browser
    {
        $visitor = self::visitor();
        self::call($visitor, ['set', 'n', 1]);
        return $visitor;
    }

    private static function id(Browser $visitor): string
    {
        self::assertMatchesRegularExpression('/^[A-Za-z0-9_-]{43}$/D', $visitor->cookies['holdfast']);
        return $visitor->cookies['holdfast'];
    }

    /** What a page says that knows $_SESSION alone. */
    private static function shows(Browser $visitor, string $what): mixed
    {
        return self::said($visitor->get("/php-session.php?do=$what"))['said'];
    }
}
