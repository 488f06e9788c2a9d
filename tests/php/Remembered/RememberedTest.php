<?php

declare(strict_types=1);

namespace Holdfast\Tests\Remembered;

use Holdfast\Tests\Authentication\MembersTestCase;
use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\Request;
use Holdfast\Tests\Browser\Response;
use Holdfast\Tests\Browser\SetCookie;
use Holdfast\Tests\TemporaryDirectory;
use Holdfast\Tests\Wait;

/**
 * "Stay logged in": a browser comes back when its session has ended, and a copy of its cookie is noticed.
 */
final class RememberedTest extends MembersTestCase
{
    private const COOKIE = 'holdfast_remember';

    private static ?TemporaryDirectory $store = null;

    protected static function settings(): array
    {
        self::$store ??= new TemporaryDirectory();
        return ['holdfast.throttle' => 0, 'holdfast.store' => 'shared://' . self::$store->path . '/sessions?size=32M'];
    }

    public static function tearDownAfterClass(): void
    {
        parent::tearDownAfterClass();
        self::$store?->remove();
        self::$store = null;
    }

    protected function tearDown(): void
    {
        self::call(self::visitor(), ['endSessions', 1], ['endSessions', 2]);
    }

    public function testABrowserComesBackWithoutItsSession(): void
    {
        $visitor = self::remembered();
        self::assertSame([false, 'alice'], self::seen($visitor));
        [$id, $token] = [$visitor->cookies['holdfast'], $visitor->cookies[self::COOKIE]];
        self::loseSession($visitor);
        $answer = $visitor->send(self::request([['isRestored'], ['getUser'], ['set', 'cart', 3]]));
        self::assertSame([true, 'alice'], [self::said($answer)['results'][0], self::said($answer)['results'][1]['name']]);
        self::assertNotSame($id, $visitor->cookies['holdfast']);
        self::assertNotSame($token, $visitor->cookies[self::COOKIE], 'a token is good for one return');
        self::assertCount(1, array_filter($answer->cookies(), static fn ($cookie): bool => $cookie->name === self::COOKIE));
        self::assertSame([true, 3], self::call($visitor, ['isRestored'], ['get', 'cart']), 'the session goes on');
        self::loseSession($visitor);
        self::assertSame([true, 'alice'], self::seen($visitor), 'and again');
    }

    public function testWhoDoesNotAskForItIsAGuestWhenTheSessionHasEnded(): void
    {
        $visitor = self::member();
        self::assertArrayNotHasKey(self::COOKIE, $visitor->cookies);
        self::loseSession($visitor);
        self::assertFalse(self::isLoggedIn($visitor));
    }

    public function testS12AReturnAfterTheIdleLifetime(): void
    {
        $visitor = self::dormant();
        $id = $visitor->cookies['holdfast'];
        self::assertSame([true, 'alice'], self::seen($visitor));
        self::assertNotSame($id, $visitor->cookies['holdfast']);
    }

    public function testS19TheCookieIsKeptFromScriptsAndLivesForItsTime(): void
    {
        $visitor = self::member();
        $answer = $visitor->send(self::request([['rememberMe']]));
        $cookie = self::cookieOf($answer);
        self::assertSame('1209600', $cookie->attributes['max-age'] ?? null, (string) $answer);
        self::assertArrayHasKey('httponly', $cookie->attributes);
        self::assertSame('Lax', $cookie->attributes['samesite'] ?? null);
        self::assertMatchesRegularExpression('/^[A-Za-z0-9_-]{64}$/D', $cookie->value);
    }

    public function testS11ALogoutForgetsTheBrowser(): void
    {
        foreach ([['logout'], ['destroy']] as $way) {
            $visitor = self::remembered();
            $copy = self::copyOf($visitor);
            $answer = $visitor->send(self::request([$way]));
            self::assertTrue(self::cookieOf($answer)->isRemoval(), $way[0]);
            self::loseSession($copy);
            self::assertFalse(self::isLoggedIn($copy), $way[0]);
        }
    }

    public function testALogoutOfSessionDestroyForgetsTheBrowser(): void
    {
        $visitor = self::remembered();
        $copy = self::copyOf($visitor);
        self::assertTrue(self::said($visitor->get('/superglobal-destroy.php'))['destroyed']);
        self::loseSession($copy);
        self::assertFalse(self::isLoggedIn($copy));
    }

    public function testALoginAsksAnewWhetherToRemember(): void
    {
        $visitor = self::remembered();
        $copy = self::copyOf($visitor);
        self::logIn($visitor, 'bob');
        self::assertArrayNotHasKey(self::COOKIE, $visitor->cookies);
        self::loseSession($copy);
        self::assertFalse(self::isLoggedIn($copy));
    }

    public function testABrowserIsForgottenAndItsSessionGoesOn(): void
    {
        $visitor = self::remembered();
        $copy = self::copyOf($visitor);
        self::assertSame([true, true, false], self::call($visitor, ['forgetMe'], ['isLoggedin'], ['forgetMe']));
        self::assertArrayNotHasKey(self::COOKIE, $visitor->cookies);
        self::loseSession($copy);
        self::assertFalse(self::isLoggedIn($copy));
        self::assertTrue(self::isLoggedIn($visitor));
    }

    public function testRememberedAndForgottenInOneRequest(): void
    {
        $visitor = self::member();
        self::assertSame(['the session', true], self::call($visitor, ['rememberMe'], ['forgetMe']));
        self::assertArrayNotHasKey(self::COOKIE, $visitor->cookies);
        self::assertFalse(self::call($visitor, ['getSessions'])[0][0]['isRemembered']);
    }

    public function testParallelRequestsOfABrowserComeBackToOneSession(): void
    {
        for ($round = 0; $round < 10; ++$round) {
            $visitor = self::remembered();
            self::loseSession($visitor);
            $tabs = array_map(static fn (): Browser => self::copyOf($visitor), range(1, 6));
            $answers = self::together($tabs, static fn (int $tab): Request => self::request([['isLoggedin'], ['set', "tab$tab", $tab], ['getId']]));
            $ids = [];
            foreach ($answers as $answer) {
                self::assertTrue(self::said($answer)['results'][0], (string) $answer);
                $ids[] = self::said($answer)['results'][2];
            }
            self::assertCount(1, array_unique($ids));
            self::assertCount(1, array_unique(array_map(static fn (Browser $tab): string => $tab->cookies[self::COOKIE], $tabs)));
            // A browser takes the cookies of all answers.
            $visitor->cookies = array_merge(...array_map(static fn (Browser $tab): array => $tab->cookies, $tabs));
            self::assertSame(range(0, 5), self::call($visitor, ...array_map(static fn (int $tab): array => ['get', "tab$tab"], range(0, 5))));
        }
    }

    public function testACopyIsNoticedAndEverythingThatItBeganEnds(): void
    {
        $owner = self::remembered();
        $other = self::member();
        $thief = self::copyOf($owner);
        $late = self::copyOf($owner);
        self::loseSession($thief);
        self::assertSame([true, 'alice'], self::seen($thief));
        self::loseSession($thief);
        self::assertSame([true, 'alice'], self::seen($thief), 'the token from the first return is worth one more');
        self::loseSession($late);
        $answer = $late->send(self::request([['isLoggedin']]));
        self::assertFalse(self::said($answer)['results'][0], 'the owner, whose token was used by the thief');
        self::assertTrue(self::cookieOf($answer)->isRemoval());
        self::assertFalse(self::isLoggedIn($thief), 'and the thief');
        self::loseSession($thief);
        self::assertFalse(self::isLoggedIn($thief));
        self::assertFalse(self::isLoggedIn($owner), 'also the session in which it was remembered');
        self::assertTrue(self::isLoggedIn($other), 'no other session of the user');
    }

    public function testACopyIsToldToHooks(): void
    {
        $owner = self::remembered();
        $thief = self::copyOf($owner);
        foreach (range(1, 2) as $return) {
            self::loseSession($thief);
            self::seen($thief);
        }
        self::loseSession($owner);
        self::assertSame(['1'], array_map(strval(...), self::said($owner->get('/remember-stolen.php'))['stolen']));
        self::assertSame([], self::said($owner->get('/remember-stolen.php'))['stolen'], 'once');
    }

    public function testS39ACookieInAnotherBrowserLogsNobodyInAndStaysGoodForItsOwner(): void
    {
        $owner = self::remembered();
        $thief = self::copyOf($owner);
        self::loseSession($thief);
        $answer = $thief->send(self::request([['isLoggedin']], headers: ['User-Agent' => 'Thief/1.0']));
        self::assertFalse(self::said($answer)['results'][0]);
        self::loseSession($owner);
        self::assertSame([true, 'alice'], self::seen($owner));
    }

    /** @return iterable<string, array{callable(string): string}> */
    public static function malformed(): iterable
    {
        yield 'empty' => [static fn (string $token): string => ''];
        yield 'one character' => [static fn (string $token): string => 'x'];
        yield 'cut' => [static fn (string $token): string => substr($token, 1)];
        yield 'longer' => [static fn (string $token): string => $token . 'A'];
        yield 'four kilobytes' => [static fn (string $token): string => str_repeat('A', 4096)];
        yield 'another verifier' => [static fn (string $token): string => substr($token, 0, 30) . strrev(substr($token, 30))];
        yield 'selector of another' => [static fn (string $token): string => str_repeat('A', 21) . substr($token, 21)];
    }

    /**
     * @dataProvider malformed
     * @param callable(string): string $spoil
     */
    public function testS03AMalformedCookieIsNobodysAndNoTheft(callable $spoil): void
    {
        $owner = self::remembered();
        $other = self::visitor();
        $other->cookies[self::COOKIE] = $spoil($owner->cookies[self::COOKIE]);
        $answer = $other->send(self::request([['isLoggedin']]));
        self::assertFalse(self::said($answer)['results'][0], (string) $answer);
        self::assertArrayNotHasKey(self::COOKIE, $other->cookies, 'it is taken away');
        self::assertTrue(self::isLoggedIn($owner));
        self::loseSession($owner);
        self::assertSame([true, 'alice'], self::seen($owner));
    }

    public function testS24ATokenIsGoodForItsCookieNameOnly(): void
    {
        $owner = self::remembered();
        $admin = self::visitor();
        $admin->cookies['admin_remember'] = $owner->cookies[self::COOKIE];
        self::assertFalse(self::isLoggedIn($admin, ['cookie_name' => 'admin']));
    }

    public function testS16ARememberedBrowserIsOneDeviceAndIsEndedAsOne(): void
    {
        $laptop = self::remembered();
        $phone = self::member();
        $devices = self::call($phone, ['getSessions'])[0];
        self::assertCount(2, $devices);
        self::assertEqualsCanonicalizing([true, false], array_column($devices, 'isRemembered'));
        self::assertSame([true, true], array_column($devices, 'isOpen'));
        $handle = array_column(array_filter($devices, static fn (array $device): bool => $device['isRemembered']), 'handle')[0];
        self::assertSame([true], self::call($phone, ['endSession', $handle]));
        self::assertFalse(self::isLoggedIn($laptop), 'it does not come back');
    }

    public function testS16ABrowserWithoutASessionIsListedAndEnded(): void
    {
        [$visitor, $phone] = [self::dormant(), self::member()];
        $devices = self::call($phone, ['getSessions'])[0];
        self::assertCount(2, $devices);
        $dormant = $devices[1];
        self::assertSame([false, true, false, '1'], [$dormant['isOpen'], $dormant['isRemembered'], $dormant['isCurrent'], $dormant['user']]);
        self::assertEqualsWithDelta(time() + 1209600, $dormant['expires'], 60);
        self::assertSame([true], self::call($phone, ['endSession', $dormant['handle']]));
        self::assertFalse(self::isLoggedIn($visitor));
    }

    public function testS16AllOthersAreForgottenAndThisBrowserIsNot(): void
    {
        [$own, $other] = [self::remembered(), self::remembered()];
        self::assertSame([1], self::call($own, ['endOtherSessions']));
        self::loseSession($other);
        self::assertFalse(self::isLoggedIn($other));
        self::loseSession($own);
        self::assertSame([true, 'alice'], self::seen($own));
    }

    public function testS17AfterTheEndOfAllNobodyComesBack(): void
    {
        [$one, $two] = [self::remembered(), self::remembered()];
        self::assertSame([2], self::call(self::visitor(), ['endSessions', 1]));
        foreach ([$one, $two] as $visitor) {
            self::loseSession($visitor);
            self::assertFalse(self::isLoggedIn($visitor));
        }
    }

    public function testTheSiteRefusesByAllowLogin(): void
    {
        $visitor = self::remembered();
        self::loseSession($visitor);
        self::assertSame([false, ['alice']], array_values(self::said($visitor->get('/remember-refused.php'))));
        self::assertSame([true, 'alice'], self::seen($visitor), 'and does not forget the browser by that');
    }

    public function testAUserWhoIsGoneIsForgotten(): void
    {
        $visitor = self::remembered();
        self::loseSession($visitor);
        $answer = $visitor->get('/gone-user.php');
        self::assertSame([false, null, false], self::said($answer)['results']);
        self::assertArrayNotHasKey(self::COOKIE, $visitor->cookies);
    }

    public function testNobodyComesBackWhereItIsOff(): void
    {
        $visitor = self::remembered();
        self::loseSession($visitor);
        self::assertFalse(self::isLoggedIn($visitor, ['remember_lifetime' => 0]));
        $off = self::visitor();
        $said = self::said($off->send(self::request([['login', 'alice', 'ecila'], ['rememberMe']], ['remember_lifetime' => 0])))['results'][1];
        self::assertStringContainsString('holdfast.remember_lifetime is 0', $said['message']);
        self::assertSame([true, 'alice'], self::seen($visitor));
    }

    public function testAGuestCanNotBeRemembered(): void
    {
        $said = self::call(self::visitor(), ['rememberMe'])[0];
        self::assertStringContainsString('call login() before rememberMe()', $said['message']);
    }

    public function testAReturnThatIsTooLateForACookieKeepsTheToken(): void
    {
        $visitor = self::remembered();
        self::loseSession($visitor);
        $token = $visitor->cookies[self::COOKIE];
        self::assertFalse(self::said($visitor->get('/remember-late.php'))['isLoggedin']);
        self::assertSame($token, $visitor->cookies[self::COOKIE]);
        self::assertSame([true, 'alice'], self::seen($visitor));
    }

    public function testAGuestsCartComesAlong(): void
    {
        $visitor = self::remembered();
        self::loseSession($visitor);
        $token = $visitor->cookies[self::COOKIE];
        unset($visitor->cookies[self::COOKIE]);
        self::call($visitor, ['set', 'cart', 3]);
        $visitor->cookies[self::COOKIE] = $token;
        self::assertSame([3, true], self::call($visitor, ['get', 'cart'], ['isRestored']));
    }

    public function testS32AFormOfTheGuestIsNotAcceptedAfterTheReturn(): void
    {
        $visitor = self::remembered();
        self::loseSession($visitor);
        $remember = $visitor->cookies[self::COOKIE];
        unset($visitor->cookies[self::COOKIE]);
        $tokens = static fn (array ...$calls): array => self::said($visitor->get('/csrf.php?calls=' . urlencode((string) json_encode($calls))));
        $tokens(['getTokenValue', []]);
        self::assertContains('SessionCSRF', $tokens(['getTokenName', []])['variables']);
        $visitor->cookies[self::COOKIE] = $remember;
        self::assertNotContains('SessionCSRF', $tokens(['getId', []])['variables']);
        self::assertTrue(self::isLoggedIn($visitor));
    }

    public function testS28NeitherStoreNorLogHasTheToken(): void
    {
        $visitor = self::remembered();
        $raw = base64_decode(strtr($visitor->cookies[self::COOKIE], '-_', '+/'), true);
        self::assertIsString($raw);
        self::call($visitor, ['set', 'marked', 'a value that is stored']);
        $store = (string) file_get_contents(self::$store?->path . '/sessions');
        self::assertNotFalse(strpos($store, 'a value that is stored'), 'the store was looked at');
        foreach ([$visitor->cookies[self::COOKIE], substr($raw, 0, 16), substr($raw, 16, 16)] as $secret) {
            self::assertFalse(strpos($store, $secret));
        }
    }

    /** A visitor who is logged in and stays so. */
    private static function remembered(): Browser
    {
        $visitor = self::visitor();
        self::call($visitor, ['login', 'alice', 'ecila'], ['rememberMe']);
        self::assertArrayHasKey(self::COOKIE, $visitor->cookies);
        return $visitor;
    }

    /** The browser loses the session's cookies, as when it is closed. */
    private static function loseSession(Browser $visitor): void
    {
        unset($visitor->cookies['holdfast'], $visitor->cookies['holdfast_challenge']);
    }

    /** A visitor who is remembered, and whose session has ended. */
    private static function dormant(): Browser
    {
        $visitor = self::visitor();
        self::call($visitor, ['login', 'alice', 'ecila'], ['setLifetime', 1], ['rememberMe']);
        $devices = [];
        Wait::until(
            static function () use (&$devices): bool {
                // Being listed does not keep a session alive.
                $devices = self::call(self::visitor(), ['getSessions', 1])[0];
                return in_array(false, array_column($devices, 'isOpen'), true);
            },
            'the session ends, and the browser is remembered',
            static fn (): string => (string) json_encode($devices)
        );
        return $visitor;
    }

    /** @return array{bool, string|null} whether the visitor came back without a password, and who it is */
    private static function seen(Browser $visitor): array
    {
        [$restored, $user] = self::call($visitor, ['isRestored'], ['getUser']);
        return [$restored, $user['name'] ?? null];
    }

    private static function cookieOf(Response $answer): SetCookie
    {
        foreach ($answer->cookies() as $cookie) {
            if ($cookie->name === self::COOKIE) {
                return $cookie;
            }
        }
        self::fail("no cookie to remember by:\n$answer");
    }
}
