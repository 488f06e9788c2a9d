<?php

declare(strict_types=1);

namespace Holdfast\Tests\UserSessions;

use Holdfast\Tests\Authentication\MembersTestCase;
use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\TemporaryDirectory;

/**
 * S16, S17, S18: all sessions of a user, listed and ended with the true count; a limit that parallel logins keep to.
 */
final class DevicesTest extends MembersTestCase
{
    /** Logins that are under way at once. */
    private const LOGINS = 6;

    protected static function settings(): array
    {
        return ['holdfast.throttle' => 0];
    }

    protected function tearDown(): void
    {
        self::call(self::visitor(), ['endSessions', 1], ['endSessions', 2]);
    }

    public function testS16DevicesAreListedTheLastUsedFirst(): void
    {
        $laptop = self::visitor();
        $laptop->send(self::request([['login', 'alice', 'ecila']], headers: ['User-Agent' => 'Laptop/1.0']));
        self::passAMillisecond();
        $phone = self::visitor();
        $phone->send(self::request([['login', 'alice', 'ecila']], headers: ['User-Agent' => 'Phone/2.0']));
        self::member('bob');
        $listed = self::said($phone->send(self::request([['getSessions']], headers: ['User-Agent' => 'Phone/2.0'])))['results'][0];
        self::assertCount(2, $listed);
        self::assertSame(['Phone/2.0', 'Laptop/1.0'], array_column($listed, 'userAgent'));
        self::assertSame([true, false], array_column($listed, 'isCurrent'));
        self::assertSame(['127.0.0.1', '127.0.0.1'], array_column($listed, 'address'));
        foreach ($listed as $session) {
            self::assertMatchesRegularExpression('/^[0-9a-f]{32}$/D', $session['handle']);
            self::assertSame('1', $session['user']);
            foreach (['created', 'authenticated', 'lastActivity'] as $time) {
                self::assertEqualsWithDelta(time(), $session[$time], 60, $time);
            }
            self::assertSame($session['lastActivity'] + 86400, $session['expires']);
        }
    }

    public function testS16OneDeviceIsEndedAndItsNextRequestIsAGuests(): void
    {
        [$laptop, $phone] = [self::member(), self::member()];
        $listed = self::call($phone, ['getSessions'])[0];
        $other = array_column(array_filter($listed, static fn (array $session): bool => !$session['isCurrent']), 'handle');
        self::assertSame([true, false], self::call($phone, ['endSession', $other[0]], ['endSession', $other[0]]));
        self::assertFalse(self::isLoggedIn($laptop));
        self::assertTrue(self::isLoggedIn($phone));
        self::assertStringContainsString('32 hexadecimal digits', self::call($phone, ['endSession', 'x'])[0]['message']);
    }

    public function testS16TheSessionOfAnotherUserCanNotBeEnded(): void
    {
        [$alice, $bob] = [self::member('alice'), self::member('bob')];
        $handle = self::call($bob, ['getSessions'])[0][0]['handle'];
        self::assertSame([false], self::call($alice, ['endSession', $handle]));
        self::assertTrue(self::isLoggedIn($bob));
        self::assertSame([true], self::call($alice, ['endSession', $handle, 2]), 'an administrator names the user');
        self::assertFalse(self::isLoggedIn($bob));
    }

    public function testS16AHandleStaysThroughARenewal(): void
    {
        [$laptop, $phone] = [self::member(), self::member()];
        $handle = array_column(array_filter(
            self::call($phone, ['getSessions'])[0],
            static fn (array $session): bool => !$session['isCurrent']
        ), 'handle')[0];
        self::call($laptop, ['regenerate']);
        self::assertSame([true], self::call($phone, ['endSession', $handle]));
        self::assertFalse(self::isLoggedIn($laptop));
    }

    public function testS16OneEndsItsOwnSessionByItsHandleAsByLogout(): void
    {
        $visitor = self::member();
        $handle = self::call($visitor, ['getSessions'])[0][0]['handle'];
        self::assertSame([true, false], self::call($visitor, ['endSession', $handle], ['isLoggedin']));
        self::assertArrayNotHasKey('holdfast', $visitor->cookies);
    }

    public function testS16AllOthersEndWithTheirTrueCount(): void
    {
        [$one, $two, $three] = [self::member(), self::member(), self::member()];
        self::call($two, ['set', 'cart', 3]);
        self::assertSame([2, 0, true, 3], self::call($two, ['endOtherSessions'], ['endOtherSessions'], ['isLoggedin'], ['get', 'cart']));
        self::assertSame([false, true, false], array_map(self::isLoggedIn(...), [$one, $two, $three]));
        self::assertSame([0], self::call(self::visitor(), ['endOtherSessions']), 'a guest has none');
    }

    public function testS16WhatThisRequestHasChangedSurvivesTheEndOfAllOthers(): void
    {
        [$own, ] = [self::member(), self::member()];
        self::call($own, ['set', 'cart', 1], ['endOtherSessions'], ['set', 'more', 2]);
        self::assertSame([1, 2], self::call($own, ['get', 'cart'], ['get', 'more']));
    }

    public function testS16AllSessionsOfAUserEnd(): void
    {
        [$one, $two] = [self::member(), self::member()];
        self::assertSame([2, false], self::call($one, ['endSessions'], ['isLoggedin']));
        self::assertFalse(self::isLoggedIn($two));
        $bob = self::member('bob');
        self::assertSame([1], self::call(self::visitor(), ['endSessions', 2]));
        self::assertFalse(self::isLoggedIn($bob));
        self::assertSame([0], self::call(self::visitor(), ['endSessions']), 'a guest has none');
        self::assertTrue(self::isLoggedIn(self::member('bob')), 'who logs in later is in');
    }

    public function testS17NoLoginThatBeganBeforeTheEndOfAllSessionsSurvivesIt(): void
    {
        $directory = new TemporaryDirectory();
        $gate = $directory->path . '/open';
        $visitors = array_map(static fn (): Browser => self::visitor(), range(1, self::LOGINS));
        $ended = null;
        $answers = self::together(
            $visitors,
            static fn () => self::request([['login', 'alice', 'ecila']], gate: $gate),
            static function () use ($gate, &$ended): void {
                if ($ended === null && \count(glob("$gate.*") ?: []) === self::LOGINS) {
                    $ended = self::call(self::visitor(), ['endSessions', 1])[0];
                    touch($gate);
                }
            }
        );
        $directory->remove();
        self::assertSame(0, $ended, 'every login was waiting for its password, none was in');
        foreach ($answers as $answer) {
            self::assertSame([null], self::said($answer)['results']);
        }
        self::assertSame([], array_filter($visitors, self::isLoggedIn(...)));
        self::assertTrue(self::isLoggedIn(self::member()), 'who begins later is in');
    }

    public function testS18ParallelLoginsKeepToTheLimit(): void
    {
        $visitors = array_map(static fn (): Browser => self::visitor(), range(1, 50));
        $limit = ['sessions_per_user' => 3];
        self::together($visitors, static fn () => self::request([['login', 'alice', 'ecila']], $limit));
        $alive = array_filter($visitors, static fn (Browser $visitor): bool => self::isLoggedIn($visitor, $limit));
        self::assertCount(3, $alive);
    }

    public function testS18ALimitCanRefuseInPlaceOfEndingTheOldest(): void
    {
        $limit = ['sessions_per_user' => 1, 'sessions_per_user_policy' => 'refuse'];
        $first = self::visitor();
        self::logIn($first, 'alice', $limit);
        $second = self::visitor();
        self::assertSame([null], self::said($second->send(self::request([['login', 'alice', 'ecila']], $limit)))['results']);
        self::assertTrue(self::isLoggedIn($first, $limit));
        self::logIn($first, 'alice', $limit);
        $often = array_fill(0, 8, ['login', 'alice', 'ecila']);
        $said = self::said($second->send(self::request([...$often, ['loginWait', 'alice']], $limit + ['throttle' => true])))['results'];
        self::assertSame([...array_fill(0, 8, null), 0], $said, 'who knows the password was not guessing');
    }

    public function testASessionVariableOfAUserIsThatOfTheLastUsedSession(): void
    {
        [$one, $two] = [self::member(), self::member()];
        self::call($one, ['set', 'basket', ['tea' => 1]]);
        self::passAMillisecond();
        self::call($two, ['set', 'basket', ['rum' => 2]]);
        $anybody = self::visitor();
        self::assertSame([['rum' => 2], null, null], self::call(
            $anybody,
            ['getForUser', 1, 'basket'],
            ['getForUser', 1, 'missing'],
            ['getForUser', 2, 'basket'],
        ));
        self::call($two, ['logout']);
        self::assertSame([['tea' => 1]], self::call($anybody, ['getForUser', '1', 'basket']));
        self::assertSame(['the session', 5], self::call($one, ['set', 'basket', 5], ['getForUser', 1, 'basket']), 'its own, not saved yet');
        self::assertSame('Holdfast\\Exception\\InvalidArgument', self::call($one, ['getForUser', null, 'basket'])[0]['thrown']);
    }

    public function testASessionIsFoundByItsSecondaryId(): void
    {
        $visitor = self::member();
        self::assertSame(['', 'the session', 'oidc-7'], self::call($visitor, ['getSecondaryID'], ['setSecondaryID', 'oidc-7'], ['getSecondaryID']));
        self::call($visitor, ['regenerate']);
        $found = self::call(self::visitor(), ['findBySecondaryID', 'oidc-7'])[0];
        self::assertSame(['oidc-7', '1', false], [$found['secondaryId'], $found['user'], $found['isCurrent']]);
        self::assertSame([null], self::call(self::visitor(), ['findBySecondaryID', 'oidc-8']));
        self::assertSame([true], self::call(self::visitor(), ['endSession', $found['handle'], $found['user']]));
        self::assertSame([null], self::call(self::visitor(), ['findBySecondaryID', 'oidc-7']));
        self::assertFalse(self::isLoggedIn($visitor));
    }

    public function testAGuestsSessionCanHaveASecondaryIdAndLoseIt(): void
    {
        $visitor = self::visitor();
        self::call($visitor, ['setSecondaryID', 'guest-1'], ['set', 'x', 1]);
        self::assertSame('', self::call(self::visitor(), ['findBySecondaryID', 'guest-1'])[0]['user']);
        self::assertSame(['guest-1', 1], self::call($visitor, ['getSecondaryID'], ['get', 'x']));
        self::call($visitor, ['setSecondaryID', '']);
        self::assertSame([null], self::call(self::visitor(), ['findBySecondaryID', 'guest-1']));
        self::assertStringContainsString('at most 255 bytes', self::call($visitor, ['setSecondaryID', str_repeat('x', 256)])[0]['message']);
    }

    /** The store counts uses in milliseconds; two requests may fall into one. */
    private static function passAMillisecond(): void
    {
        for ($now = (int) (microtime(true) * 1000), $then = $now; $now < $then + 2; $now = (int) (microtime(true) * 1000)) {
            usleep(200);
        }
    }
}
