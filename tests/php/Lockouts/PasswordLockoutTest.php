<?php

declare(strict_types=1);

namespace Holdfast\Tests\Lockouts;

/**
 * Issue 5, 5: ExpressionEngine's check_password_lockout(), save_password_lockout() and delete_password_lockout(), on the
 * throttle that login() has.
 */
final class PasswordLockoutTest extends LockoutTestCase
{
    public function testS37WrongPasswordsLockOutAlsoTheRightOneUntilTheirDelayIsOver(): void
    {
        foreach (range(1, self::FREE) as $n) {
            self::assertSame(['wrong', $n], self::tries(self::visitor(), 'dora', 'wrong', "198.18.$n.1"));
        }
        // The delay of five is a second, that of nine longer than this test.
        self::call(self::visitor(), ...array_fill(0, 4, ['save_password_lockout', 'dora']));
        self::assertSame(['locked out', 9], self::tries(self::visitor(), 'dora', 'arod', '198.18.9.1'));
        self::assertSame(['attempts' => 10, 'failures' => 9], self::counted('dora'));
    }

    public function testLoginAndTheLockoutHaveTheSameCounts(): void
    {
        self::call(self::visitor(), ['login', 'emil', 'x'], ['login', 'emil', 'x'], ['login', 'emil', 'x']);
        self::assertSame(['wrong', 4], self::tries(self::visitor(), 'Emil ', 'x'), 'capitals and spaces make no other account');
        self::call(self::visitor(), ...array_fill(0, 5, ['save_password_lockout', 'emil']));
        [$wait, $locked, $login] = self::call(self::visitor(), ['loginWait', 'emil'], ['check_password_lockout', 'emil'], ['login', 'emil', 'lime']);
        self::assertSame([true, true, null], [$wait > 1, $locked, $login]);
        self::assertSame(['attempts' => 11, 'failures' => 9], self::counted('emil'));
    }

    public function testS37ANetworkThatTriesManyNamesIsLockedOut(): void
    {
        $is = [];
        foreach (range(1, 30) as $n) {
            $is[] = self::tries(self::visitor(), "somebody$n", 'x', "198.19.0.$n")[0];
        }
        self::assertSame(['wrong' => 20, 'locked out' => 10], array_count_values($is));
        self::assertSame('wrong', self::tries(self::visitor(), 'another', 'x', '198.19.1.1')[0]);
    }

    public function testAPageThatOnlyAsksCountsNoFailure(): void
    {
        self::tries(self::visitor(), 'frieda', 'x');
        foreach (range(1, 3 * self::FREE) as $n) {
            self::assertSame('form', self::tries(self::visitor(), 'frieda', '', more: ['way' => 'form'])[0]);
        }
        self::assertSame(1, self::counted('frieda')['failures']);
        self::assertSame(
            [false, false, ['attempts' => 17, 'failures' => 2], null, ['attempts' => 17, 'failures' => 2], null, ['attempts' => 18, 'failures' => 3]],
            self::call(
                self::visitor(),
                ['check_password_lockout', 'frieda'],
                ['check_password_lockout', 'frieda'],
                ['loginAttempts', 'frieda'],
                ['save_password_lockout', 'frieda'],
                ['loginAttempts', 'frieda'],
                ['save_password_lockout', 'frieda'],
                ['loginAttempts', 'frieda'],
            ),
            'asked twice it is one attempt; noted twice it is two'
        );
    }

    public function testS37ARequestThatDiesBeforeItKnowsHasFailed(): void
    {
        $died = self::visitor()->send(self::attempt('gustav', 'x', more: ['way' => 'dies']));
        self::assertSame(500, $died->status);
        self::assertSame(1, self::counted('gustav')['failures']);
    }

    public function testARightPasswordThatLogsInBeginsAnew(): void
    {
        self::tries(self::visitor(), 'alice', 'x');
        self::tries(self::visitor(), 'alice', 'x');
        self::assertSame(['right', 0], self::tries(self::visitor(), 'alice', 'ecila'));
        self::assertSame(['attempts' => 0, 'failures' => 0], self::counted('alice'));
    }

    public function testItBeginsAnewUnderTheNameThatWasTyped(): void
    {
        self::tries(self::visitor(), 'carol@example.org', 'x');
        $right = self::tries(self::visitor(), 'carol@example.org', 'lorac', more: ['member' => 'carol']);
        self::assertSame(['right', 0], $right);
    }

    public function testARightPasswordThatLogsNobodyInIsNoFailure(): void
    {
        self::tries(self::visitor(), 'bob', 'x');
        self::tries(self::visitor(), 'bob', 'bob', more: ['way' => 'confirms']);
        self::assertSame(1, self::counted('bob')['failures'], 'and forgives none');
        self::call(self::visitor(), ['forceLogin', 'bob']);
        self::assertSame(0, self::counted('bob')['failures']);
    }

    public function testDeletePasswordLockoutForgivesNoGuess(): void
    {
        self::tries(self::visitor(), 'heinz', 'x');
        self::assertSame([false, null, null], self::call(
            self::visitor(),
            ['check_password_lockout', 'heinz'],
            ['delete_password_lockout'],
            ['save_password_lockout', 'heinz'],
        ), 'an application that tidies up between the two');
        self::assertSame(2, self::counted('heinz')['failures']);
    }

    public function testS38TheOwnersBrowserGetsInWhileStrangersHammer(): void
    {
        $owner = self::visitor();
        self::tries($owner, 'bob', 'bob', '192.0.2.50');
        self::assertArrayHasKey('holdfast_device', $owner->cookies, 'as after a login by password');
        foreach (range(1, 10) as $n) {
            self::tries(self::visitor(), 'bob', 'x', "203.0.$n.1");
        }
        self::assertSame('locked out', self::tries(self::visitor(), 'bob', 'bob', '192.0.2.51')[0]);
        self::assertSame(['right', 0], self::tries($owner, 'bob', 'bob', '192.0.2.50'));
    }

    public function testWithoutAPasswordNoBrowserIsKnown(): void
    {
        $visitor = self::visitor();
        self::call($visitor, ['forceLogin', 'carol']);
        self::assertArrayNotHasKey('holdfast_device', $visitor->cookies);
    }

    public function testWithoutANameTheNetworkAloneIsCounted(): void
    {
        foreach (range(1, 20) as $n) {
            self::assertSame('wrong', self::tries(self::visitor(), '', 'x', '198.51.100.1')[0]);
        }
        self::assertSame('locked out', self::tries(self::visitor(), '', 'x', '198.51.100.2')[0]);
        self::assertSame('wrong', self::tries(self::visitor(), '', 'x', '198.51.101.1')[0], 'guests elsewhere are not locked out by that');
    }

    public function testALoginGoesOnFromTheQuestion(): void
    {
        [$asked, $login, , $counted] = self::call(self::visitor(), ['check_password_lockout', 'ida'], ['login', 'ida', 'x'], ['save_password_lockout', 'ida'], ['loginAttempts', 'ida']);
        self::assertSame([false, null, ['attempts' => 1, 'failures' => 1]], [$asked, $login, $counted], 'one guess is one failure');
    }

    public function testSwitchedOffItSaysSoAsExpressionEngineDoes(): void
    {
        $off = ['options' => '{"throttle": false}'];
        foreach (range(1, 3 * self::FREE) as $n) {
            self::assertSame(['wrong', 0], self::tries(self::visitor(), 'jana', 'x', more: $off));
        }
        $calls = [['check_password_lockout', ['jana']], ['save_password_lockout', ['jana']], ['delete_password_lockout', []]];
        $answer = self::visitor()->get('/call.php?' . http_build_query(['calls' => json_encode($calls), 'options' => '{"throttle": false}']));
        self::assertSame([false, false, false], self::said($answer)['results']);
        self::assertSame([false, null, null], self::call(self::visitor(), ['check_password_lockout', 'jana'], ['save_password_lockout', 'jana'], ['delete_password_lockout']));
    }
}
