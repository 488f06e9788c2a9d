<?php

declare(strict_types=1);

namespace Holdfast\Tests\Authentication;

/**
 * Logging in and out: what ProcessWire's methods give, and S05, S08, S11, S32.
 */
final class LoginTest extends MembersTestCase
{
    protected static function settings(): array
    {
        return ['holdfast.throttle' => 0];
    }

    public function testLoginGivesTheUserOrNull(): void
    {
        $visitor = self::visitor();
        self::assertSame(
            [null, null, null, null, false, ['id' => 1, 'name' => 'alice'], true, ['id' => 1, 'name' => 'alice']],
            self::call(
                $visitor,
                ['login', 'alice', 'wrong'],
                ['login', 'mallory', 'ecila'],
                ['login', '', 'ecila'],
                ['getUser'],
                ['isLoggedin'],
                ['login', ' Alice ', 'ecila'],
                ['isLoggedin'],
                ['getUser'],
            )
        );
        self::assertSame([true, ['id' => 1, 'name' => 'alice']], self::call($visitor, ['isLoggedin'], ['getUser']));
    }

    public function testAnIdMayBeTextAndComesBackAsIt(): void
    {
        $visitor = self::member('carol');
        self::assertSame([['id' => 'c-3', 'name' => 'carol']], self::call($visitor, ['getUser']));
    }

    public function testForceLoginNeedsNoPasswordButAUser(): void
    {
        self::assertSame(
            [['id' => 2, 'name' => 'bob'], true, null, true],
            self::call(self::visitor(), ['forceLogin', 'bob'], ['isLoggedin'], ['forceLogin', 'mallory'], ['isLoggedin'])
        );
        self::assertSame(['id' => 2, 'name' => 'bob'], self::call(self::visitor(), ['login', 'bob', '', true])[0]);
        self::assertNull(self::call(self::visitor(), ['login', 'bob', '', 1])[0], 'only true forces, as in ProcessWire');
    }

    public function testAnUnknownUserAndAWrongPasswordDoTheSameWork(): void
    {
        $verified = static fn (string ...$login): array => self::said(
            self::visitor()->send(self::request([['login', ...$login]]))
        )['verified'];
        self::assertSame([null], $verified('mallory', 'x'));
        self::assertSame(['alice'], $verified('alice', 'x'));
        self::assertSame(['alice'], $verified('alice', 'ecila'));
    }

    public function testS05TheValuesGoAlongToANewIdAndTheOldOneIsAGuests(): void
    {
        $visitor = self::visitor();
        $before = self::said($visitor->send(self::request([['set', 'cart', 3]])));
        $attacker = self::copyOf($visitor);
        $after = self::said(self::logIn($visitor, 'alice'));
        self::assertNotSame($before['id'], $after['id']);
        self::assertSame(['cart' => 3], $after['data']);
        $replayed = self::said($attacker->send(self::request([['isLoggedin'], ['getUser']])));
        self::assertSame([[false, null], [], ''], [$replayed['results'], $replayed['data'], $replayed['id']]);
    }

    /**
     * A page's other requests are still on their way with the guest's id when the login is answered. The cookie of a new
     * guest's session, which the last of them would begin, logged the visitor out.
     */
    public function testRequestsThatAreLateWithTheOldIdDoNotTakeTheLoginAway(): void
    {
        $visitor = self::visitor();
        self::call($visitor, ['set', 'cart', 3]);
        $late = self::copyOf($visitor);
        self::logIn($visitor, 'alice');
        foreach (self::together(array_fill(0, 20, $late), static fn () => self::request([['set', 'seen', 1], ['isLoggedin'], ['save']])) as $answer) {
            self::assertSame([], $answer->cookies(), 'nothing that a browser would take in place of the login');
            $results = self::said($answer)['results'];
            self::assertSame(['the session', false], array_slice($results, 0, 2));
            self::assertStringContainsString('another request of this visitor has logged in', $results[2]['message']);
        }
        self::assertSame([true, 3, null], self::call($visitor, ['isLoggedin'], ['get', 'cart'], ['get', 'seen']));
        self::assertSame('bob', self::said(self::logIn($late, 'bob'))['results'][0]['name'], 'a login may come late');
        self::assertTrue(self::isLoggedIn($late));
    }

    public function testS05LoggingInAgainGivesANewIdToo(): void
    {
        $visitor = self::member();
        $before = self::copyOf($visitor);
        self::logIn($visitor, 'bob');
        self::assertSame('bob', self::call($visitor, ['getUser'])[0]['name']);
        self::assertFalse(self::isLoggedIn($before));
    }

    public function testS06APrivilegeThatRisesLeavesTheOldIdDeadAtOnce(): void
    {
        $visitor = self::member();
        $before = self::copyOf($visitor);
        self::assertSame([true, true], self::call($visitor, ['regenerate', true], ['isLoggedin']));
        self::assertTrue(self::isLoggedIn($visitor));
        self::assertFalse(self::isLoggedIn($before));
    }

    public function testS11LogoutEndsTheSessionAndExpiresItsCookiesAsTheyWereSet(): void
    {
        $visitor = self::visitor();
        $set = self::logIn($visitor, 'alice');
        $copy = self::copyOf($visitor);
        $visitor->send(self::request([['set', 'secret', 1]]));
        $answer = $visitor->send(self::request([['logout'], ['isLoggedin'], ['get', 'secret']]));
        self::assertSame(['the session', false, null], self::said($answer)['results']);
        $attributes = static fn (array $lines): array => array_map(
            static fn (string $line): string => (string) preg_replace('/=.*?(;|$)| expires=[^;]*;| Max-Age=\d+;?/', '=$1', $line, 1),
            array_map(static fn (string $line): string => (string) preg_replace('/; (expires|Max-Age)=[^;]*/', '', $line), $lines)
        );
        $session = static fn (array $lines): array => array_values(preg_grep('/_device=/', $lines, PREG_GREP_INVERT) ?: []);
        self::assertSame($attributes($session($set->header('Set-Cookie'))), $attributes($session($answer->header('Set-Cookie'))));
        self::assertSame([], array_filter($session($answer->header('Set-Cookie')), static fn (string $line): bool => !str_contains($line, 'Max-Age=0')));
        self::assertStringContainsString('no-store', implode($answer->header('Cache-Control')));
        self::assertFalse(self::isLoggedIn($copy));
        self::assertSame([], self::said($copy->send(self::request([])))['data']);
    }

    public function testLogoutOfAGuestIsNoError(): void
    {
        $visitor = self::visitor();
        $answer = $visitor->send(self::request([['logout']]));
        self::assertSame(['the session'], self::said($answer)['results']);
        self::assertSame([], $answer->cookies());
    }

    public function testAfterLogoutANewSessionBeginsWithTheNextValue(): void
    {
        $visitor = self::member();
        $before = $visitor->cookies['holdfast'];
        self::call($visitor, ['logout'], ['set', 'greeting', 'bye']);
        self::assertNotSame($before, $visitor->cookies['holdfast']);
        self::assertSame(['bye', false], self::call($visitor, ['get', 'greeting'], ['isLoggedin']));
        self::assertStringContainsString(
            'is closed',
            self::call($visitor, ['logout', false], ['set', 'greeting', 'again'])[1]['message']
        );
    }

    public function testS32FormTokensAreNewAtLoginAndLogout(): void
    {
        $visitor = self::visitor();
        $token = static fn (): string => self::said($visitor->send(self::request([])))['data']['SessionCSRF']['secret']
            ?? self::fail('no token');
        self::call($visitor, ['getCSRF']);
        $visitor->send(self::request([['set', 'SessionCSRF', ['secret' => 'from before']]]));
        self::logIn($visitor, 'alice');
        self::assertArrayNotHasKey('SessionCSRF', self::said($visitor->send(self::request([])))['data']);
    }

    public function testAnAccountThatIsGoneIsNobodyAndItsSessionEnds(): void
    {
        $visitor = self::visitor();
        $steps = [['forceLogin', 'bob'], ['set', 'x', 1]];
        $visitor->send(self::request($steps));
        self::assertSame([true, null, false], self::said($visitor->get('/gone-user.php'))['results']);
        self::assertFalse(self::isLoggedIn($visitor));
    }

    public function testLoginNeedsHeadersThatAreNotSentYet(): void
    {
        $said = self::visitor()->get('/late-login.php')->body;
        self::assertStringContainsString('headers already sent by (output started at', $said);
        self::assertStringContainsString('not logged in', $said);
    }

    public function testAPasswordThatIsNoTextIsAClearErrorAndLosesNothing(): void
    {
        $visitor = self::visitor();
        $results = self::call($visitor, ['set', 'a', 1], ['login', 'alice', ['x']], ['login', ['alice'], 'x'], ['get', 'a']);
        self::assertStringContainsString('password must be a string', $results[1]['message']);
        self::assertSame('Holdfast\\Exception\\InvalidArgument', $results[2]['thrown']);
        self::assertSame(1, $results[3]);
    }
}
