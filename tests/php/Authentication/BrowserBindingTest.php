<?php

declare(strict_types=1);

namespace Holdfast\Tests\Authentication;

use Holdfast\Tests\Browser\Browser;

/**
 * S39, S40: a member's session is bound to the browser that logged in. What does not fit costs the request its login, and
 * the owner nothing.
 */
final class BrowserBindingTest extends MembersTestCase
{
    private const UA = 8;

    protected static function settings(): array
    {
        return ['holdfast.throttle' => 0];
    }

    public function testS39AStolenCookieInAnotherBrowserIsAGuestsAndTheOwnerStaysIn(): void
    {
        $owner = self::visitor();
        self::from($owner, 'Firefox', ['login', 'alice', 'ecila'], ['set', 'secret', 1]);
        $thief = self::copyOf($owner);
        self::assertSame([false, null, null], self::from($thief, 'curl', ['isLoggedin'], ['get', 'secret'], ['getUser']));
        self::from($thief, 'curl', ['set', 'mine', 1]);
        self::assertSame([true, 1, null], self::from($owner, 'Firefox', ['isLoggedin'], ['get', 'secret'], ['get', 'mine']));
    }

    public function testS39ByDefaultTheAddressIsNoPartOfIt(): void
    {
        $owner = self::visitor();
        $owner->send(self::request([['login', 'alice', 'ecila']], headers: ['X-Forwarded-For' => '192.0.2.1']));
        self::assertTrue(self::said($owner->send(self::request([['isLoggedin']], headers: ['X-Forwarded-For' => '192.0.2.2'])))['results'][0]);
    }

    public function testS39ItCanBeSwitchedOff(): void
    {
        $owner = self::visitor();
        $off = ['fingerprint' => 0, 'challenge' => false];
        $owner->send(self::request([['login', 'alice', 'ecila']], $off, ['User-Agent' => 'Firefox']));
        self::assertSame(['holdfast'], array_keys($owner->cookies));
        self::assertTrue(self::said($owner->send(self::request([['isLoggedin']], $off, ['User-Agent' => 'curl'])))['results'][0]);
    }

    public function testS40WithoutTheChallengeCookieAMemberIsAGuestUntilOneCleanLogin(): void
    {
        $visitor = self::member();
        self::assertArrayHasKey('holdfast_challenge', $visitor->cookies);
        $other = self::copyOf($visitor);
        unset($visitor->cookies['holdfast_challenge']);
        self::assertFalse(self::isLoggedIn($visitor));
        self::assertFalse(self::isLoggedIn($visitor));
        self::assertTrue(self::isLoggedIn($other), 'the owner is still in');
        self::logIn($visitor, 'alice');
        self::assertTrue(self::isLoggedIn($visitor));
        self::assertTrue(self::isLoggedIn($visitor));
    }

    public function testS40TheChallengeIsSentAgainWithEveryRotation(): void
    {
        $visitor = self::member();
        $before = $visitor->cookies;
        $names = static fn ($answer): array => array_map(static fn ($cookie): string => $cookie->name, $answer->cookies());
        $answer = $visitor->send(self::request([['regenerate']]));
        self::assertEqualsCanonicalizing(['holdfast', 'holdfast_challenge'], $names($answer));
        self::assertSame($before['holdfast_challenge'], $visitor->cookies['holdfast_challenge']);
        self::assertTrue(self::isLoggedIn($visitor));
        $late = self::visitor();
        $late->cookies = $before;
        $answer = $late->send(self::request([['isLoggedin']]));
        self::assertSame([true], self::said($answer)['results'], 'with the old id, within the grace');
        self::assertEqualsCanonicalizing(['holdfast', 'holdfast_challenge'], $names($answer));
    }

    /** @dataProvider malformedChallenges */
    public function testS40AMalformedChallengeIsNone(string $challenge): void
    {
        $visitor = self::member();
        $visitor->cookies['holdfast_challenge'] = $challenge;
        self::assertFalse(self::isLoggedIn($visitor));
    }

    /** @return array<string, array{string}> */
    public static function malformedChallenges(): array
    {
        return [
            'empty' => [''],
            'short' => ['x'],
            'of the right form' => [str_repeat('A', 32)],
            'long' => [str_repeat('A', 4000)],
            'not of its alphabet' => [str_repeat('%', 32)],
        ];
    }

    public function testIsValidSessionCanBeRefusedByAHook(): void
    {
        $visitor = self::member();
        self::assertSame([true, false], self::call($visitor, ['isValidSession', 1], ['isValidSession', 2]));
        self::assertSame(['valid' => false], self::said($visitor->get('/valid-by-hook.php?valid=0')));
        self::assertSame(['valid' => true], self::said($visitor->get('/valid-by-hook.php?valid=1')));
        self::assertTrue(self::isLoggedIn($visitor), 'what a request refuses is not ended');
    }

    public function testCookiesAreAskedForByName(): void
    {
        $visitor = self::member();
        self::assertSame(
            [true, true, true, ['holdfast', 'holdfast_challenge', 'holdfast_remember']],
            self::call($visitor, ['hasCookie'], ['hasCookie', true], ['hasLoginCookie'], ['getCookieNames'])
        );
        $guest = self::visitor();
        self::assertSame([false, false], self::call($guest, ['hasCookie'], ['hasLoginCookie']));
        self::call($guest, ['set', 'x', 1]);
        self::assertSame([true, false], self::call($guest, ['hasCookie'], ['hasLoginCookie']));
    }

    public function testTheFingerprintIsAKeyedHashOfWhatItsModeNames(): void
    {
        $of = static fn (mixed ...$mode): array => self::from(self::visitor(), 'Firefox', ['getFingerprint', ...$mode]);
        [$default] = $of();
        self::assertMatchesRegularExpression('/^[0-9a-f]{64}$/D', $default);
        self::assertSame([$default], $of(self::UA));
        self::assertSame([$default], $of(true));
        self::assertSame([false], $of(0));
        self::assertNotSame($of(8), $of(2));
        self::assertNotSame([$default], self::from(self::visitor(), 'curl', ['getFingerprint']));
        self::assertSame(['remote-addr,useragent: 127.0.0.1Firefox'], $of(10, true));
        self::assertStringContainsString('must be a sum of 2', $of(64)[0]['message']);
    }

    public function testTheAddressIsThatOfTheConnection(): void
    {
        $ask = static fn (array ...$calls): array => self::said(
            self::visitor()->send(self::request($calls, headers: ['X-Forwarded-For' => '192.0.2.7', 'Client-IP' => '192.0.2.8']))
        )['results'];
        self::assertSame(
            ['127.0.0.1', 2130706433, '127.0.0.1'],
            $ask(['getIP'], ['getIP', true], ['getIP', false, true]),
            'nobody is a trusted proxy'
        );
    }

    public function testATrustedProxysWordOnTheAddressCounts(): void
    {
        $options = ['trusted_proxies' => '127.0.0.1, 10.0.0.0/8'];
        $ask = static fn (string $forwarded, array ...$calls): array => self::said(
            self::visitor()->send(self::request($calls, $options, ['X-Forwarded-For' => $forwarded]))
        )['results'];
        self::assertSame(
            ['127.0.0.1', '192.0.2.7', 3221225991],
            $ask('198.51.100.1, 192.0.2.7, 10.1.2.3', ['getIP'], ['getIP', false, true], ['getIP', true, true])
        );
        self::assertSame(['2001:db8::1'], $ask('2001:db8::1', ['getIP', false, true]));
        self::assertSame([crc32('2001:db8::1')], $ask('2001:db8::1', ['getIP', true, true]));
        self::assertSame(['127.0.0.1'], $ask('not an address', ['getIP', false, true]));
    }

    /**
     * @param list<mixed> ...$calls
     * @return list<mixed>
     */
    private static function from(Browser $visitor, string $userAgent, array ...$calls): array
    {
        return self::said($visitor->send(self::request($calls, headers: ['User-Agent' => $userAgent])))['results'];
    }
}
