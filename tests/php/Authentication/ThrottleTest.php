<?php

declare(strict_types=1);

namespace Holdfast\Tests\Authentication;

use Holdfast\Tests\Browser\Browser;

/**
 * S37, S38: guesses are counted and slowed down, by account and by network, and no stranger keeps the owner out.
 */
final class ThrottleTest extends MembersTestCase
{
    private const FREE = 5;

    /** The store is this class's: each test has an account and a network of its own. */
    protected static function settings(): array
    {
        return ['holdfast.trusted_proxies' => '127.0.0.1'];
    }

    public function testS37AHundredParallelBadLoginsCountExactlyAHundred(): void
    {
        $visitors = array_map(static fn (): Browser => self::visitor(), range(1, 100));
        $answers = self::together($visitors, static fn () => self::attempt('alice', 'wrong', '192.0.2.1'));
        $verified = 0;
        foreach ($answers as $answer) {
            self::assertSame([null], self::said($answer)['results']);
            $verified += \count(self::said($answer)['verified']);
        }
        self::assertSame(['attempts' => 100, 'failures' => self::FREE], self::call(self::visitor(), ['loginAttempts', 'alice'])[0]);
        self::assertSame(self::FREE, $verified, 'the others were refused before their password was looked at');
        self::assertGreaterThan(0, self::call(self::visitor(), ['loginWait', 'alice'])[0]);
        self::assertSame([false], self::call(self::visitor(), ['allowLogin', 'alice', 'ecila']));
        self::assertSame([null], self::said(self::visitor()->send(self::attempt('alice', 'ecila', '198.51.100.7')))['results'], 'the right password has to wait, too');
    }

    public function testS37AThousandAddressesWithOneTryEachAreThrottled(): void
    {
        $verified = 0;
        foreach (range(0, 999) as $n) {
            $address = '203.0.' . intdiv($n, 250) . '.' . $n % 250;
            $verified += \count(self::said(self::visitor()->send(self::attempt('mallory', "guess $n", $address)))['verified']);
        }
        self::assertLessThan(40, $verified, 'of a thousand guesses');
        self::assertSame(1000, self::call(self::visitor(), ['loginAttempts', 'mallory'])[0]['attempts']);
    }

    public function testS37ANetworkThatTriesManyNamesIsThrottled(): void
    {
        $verified = 0;
        foreach (range(1, 60) as $n) {
            $verified += \count(self::said(self::visitor()->send(self::attempt("name$n", 'x', "198.18.0.$n")))['verified']);
        }
        self::assertSame(20, $verified);
        self::assertSame([null], self::said(self::visitor()->send(self::attempt('another', 'x', '198.18.1.1')))['verified'], 'another network is not');
    }

    public function testS38TheOwnersBrowserGetsInWhileStrangersHammer(): void
    {
        $owner = self::visitor();
        self::assertSame('bob', self::said($owner->send(self::attempt('bob', 'bob', '192.0.2.50')))['results'][0]['name']);
        self::assertArrayHasKey('holdfast_device', $owner->cookies);
        self::call($owner, ['logout']);
        self::assertArrayHasKey('holdfast_device', $owner->cookies, 'it outlives the session');
        foreach (range(1, 30) as $n) {
            self::visitor()->send(self::attempt('bob', 'wrong', "198.19.$n.1"));
        }
        $stranger = self::visitor();
        self::assertSame([null], self::said($stranger->send(self::attempt('bob', 'bob', '192.0.2.51')))['results']);
        self::assertSame('bob', self::said($owner->send(self::attempt('bob', 'bob', '192.0.2.50')))['results'][0]['name']);
        self::assertSame(['attempts' => 0, 'failures' => 0], self::call($owner, ['loginAttempts', 'bob'])[0], 'a success begins anew');
        self::assertSame('bob', self::said($stranger->send(self::attempt('bob', 'bob', '192.0.2.51')))['results'][0]['name']);
    }

    public function testS38TheDeviceCookieOfOneAccountIsWorthNothingForAnother(): void
    {
        $bobs = self::visitor();
        self::said($bobs->send(self::attempt('bob', 'bob', '192.0.2.60')));
        foreach (range(1, 30) as $n) {
            self::visitor()->send(self::attempt('carol', 'wrong', "198.51.$n.1"));
        }
        self::assertSame([null], self::said($bobs->send(self::attempt('carol', 'lorac', '192.0.2.60')))['results']);
        $forged = self::visitor();
        $forged->cookies = ['holdfast_device' => str_repeat('A', 43)];
        self::assertSame([null], self::said($forged->send(self::attempt('carol', 'lorac', '192.0.2.61')))['results']);
        self::assertSame('carol', self::call(self::visitor(), ['forceLogin', 'carol'])[0]['name'], 'who needs no password has no guesses');
        self::assertSame(0, self::call(self::visitor(), ['loginWait', 'carol'])[0], 'and begins anew');
    }

    public function testCapitalsMakeNoOtherAccount(): void
    {
        foreach (['Dave', 'dave', 'DAVE', ' dave '] as $name) {
            self::visitor()->send(self::attempt($name, 'x', '192.0.2.90'));
        }
        self::assertSame(4, self::call(self::visitor(), ['loginAttempts', 'dave'])[0]['attempts']);
    }

    private static function attempt(string $name, string $password, string $address): \Holdfast\Tests\Browser\Request
    {
        return self::request([['login', $name, $password]], headers: ['X-Forwarded-For' => $address]);
    }
}
