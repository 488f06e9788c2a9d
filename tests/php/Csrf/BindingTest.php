<?php

declare(strict_types=1);

namespace Holdfast\Tests\Csrf;

/**
 * S32: a token is bound to its session, and is new when the variable that keeps the tokens is removed, as login and logout
 * do. S14: it outlives a new id.
 */
final class BindingTest extends CsrfTestCase
{
    public function testS32TheTokenOfOneSessionIsNoneInAnother(): void
    {
        [$one, $other] = [self::visitor(), self::visitor()];
        $token = self::call($one, 'getToken');
        $others = self::call($other, 'getToken');
        self::assertTrue(self::post($one, self::form($token)));
        self::assertFalse(self::post($other, self::form($token)));
        self::assertFalse(self::post($other, [$others['name'] => $token['value']]), 'under the name that is asked for');
        self::assertFalse(self::post(self::visitor(), self::form($token)), 'without a session');
        self::assertFalse(self::post(self::visitorWithSession(), self::form($token)), 'in a session without tokens');
    }

    public function testS32ATokenFromBeforeTheVariableWasRemovedIsNone(): void
    {
        $visitor = self::visitor();
        $before = self::call($visitor, 'getToken');
        self::results(self::load($visitor, ['remove', 'SessionCSRF'], ['regenerate']));
        self::assertFalse(self::post($visitor, self::form($before)));
        $after = self::call($visitor, 'getToken');
        self::assertNotSame($before['name'], $after['name']);
        self::assertFalse(self::post($visitor, [$after['name'] => $before['value']]));
        self::assertTrue(self::post($visitor, self::form($after)));
    }

    public function testS32WithinOneRequestToo(): void
    {
        $visitor = self::visitor();
        [$before, , $after] = self::results(self::load($visitor, ['getToken'], ['remove', 'SessionCSRF'], ['getToken']));
        self::assertNotSame($before['name'], $after['name']);
        self::assertFalse(self::post($visitor, self::form($before)));
        self::assertTrue(self::post($visitor, self::form($after)));
    }

    public function testS32ATokenEndsWithItsSession(): void
    {
        $visitor = self::visitor();
        $token = self::call($visitor, 'getToken');
        $cookies = $visitor->cookies;
        self::call($visitor, 'destroy');
        self::assertFalse(self::post($visitor, self::form($token)));
        self::call($visitor, 'getToken');
        self::assertFalse(self::post($visitor, self::form($token)), 'in the next session');
        $visitor->cookies = $cookies;
        self::assertFalse(self::post($visitor, self::form($token)), 'with the cookie from before');
    }

    public function testS14ATokenOutlivesANewId(): void
    {
        $visitor = self::visitor();
        $token = self::call($visitor, 'getToken');
        $cookies = $visitor->cookies;
        self::call($visitor, 'regenerate');
        self::assertNotSame($cookies, $visitor->cookies);
        self::assertTrue(self::post($visitor, self::form($token)));
    }

    /** What is in the place of the tokens and is none makes every token invalid, and is replaced by new ones. */
    public function testAnythingElseInTheVariableIsNoToken(): void
    {
        foreach (['x', 5, [], ['secret' => 'x'], ['name' => 'TOKEN1X1', 'TOKEN1X1' => 'value'], null, true] as $else) {
            $visitor = self::visitor();
            $token = self::call($visitor, 'getToken');
            self::call($visitor, 'set', 'SessionCSRF', $else);
            self::assertFalse(self::post($visitor, self::form($token)), json_encode($else));
            self::assertTrue(self::post($visitor, self::form(self::call($visitor, 'getToken'))));
        }
    }

    /** A reset that is not understood would make a token valid again. */
    public function testADamagedPartMakesThemAllInvalid(): void
    {
        $visitor = self::visitor();
        $token = self::call($visitor, 'getToken');
        $kept = self::call($visitor, 'get', 'SessionCSRF');
        self::assertSame(['secret', 'created', 'latest'], array_keys($kept));
        $damaged = [
            ['secret' => 'A' . $kept['secret']] + $kept,
            ['created' => (string) $kept['created']] + $kept,
            ['created' => -1] + $kept,
            ['latest' => $kept['created'] - 1] + $kept,
            ['resets' => 'x'] + $kept,
            ['resets' => ['cart' => 'now']] + $kept,
            ['resets' => ['cart' => 1]] + $kept,
            ['singles' => [[$kept['created']]]] + $kept,
            array_diff_key($kept, ['latest' => 1]),
        ];
        foreach ($damaged as $value) {
            self::call($visitor, 'set', 'SessionCSRF', $value);
            self::assertFalse(self::post($visitor, self::form($token)), json_encode($value));
        }
        self::call($visitor, 'set', 'SessionCSRF', $kept);
        self::assertTrue(self::post($visitor, self::form($token)), 'undamaged');
    }
}
