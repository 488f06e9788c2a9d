<?php

declare(strict_types=1);

namespace Holdfast\Tests\Csrf;

/**
 * The methods of ProcessWire's SessionCSRF, one test each, over real HTTP.
 */
final class MethodsTest extends CsrfTestCase
{
    private const NAME = '/^TOKEN\d{1,20}X(\d{10})$/D';
    private const VALUE = '/^[A-Za-z0-9_-]{86}$/D';

    public function testGetTokenName(): void
    {
        $visitor = self::visitor();
        $names = self::results(self::load($visitor, ['getTokenName'], ['getTokenName', ''], ['getTokenName', null], ['getTokenName', 'cart'],
            ['getTokenName', 0], ['getTokenName', '0'], ['getTokenName', 7], ['getTokenName', '7']));
        foreach ($names as $name) {
            self::assertMatchesRegularExpression(self::NAME, $name);
        }
        self::assertSame([$names[0], $names[0]], [$names[1], $names[2]], 'no id');
        self::assertSame([$names[4], $names[6]], [$names[5], $names[7]], 'an integer is its digits');
        self::assertCount(4, array_unique($names), 'each id has a name of its own');
        self::assertSame($names[0], self::call($visitor, 'getTokenName'), 'it stays');
    }

    public function testGetTokenValue(): void
    {
        $visitor = self::visitor();
        [$name, $value, $ofCart] = self::results(self::load($visitor, ['getTokenName'], ['getTokenValue'], ['getTokenValue', 'cart']));
        self::assertMatchesRegularExpression(self::VALUE, $value);
        self::assertTrue(self::post($visitor, [$name => $value]));
        self::assertFalse(self::post($visitor, [$name => $ofCart]));
    }

    public function testGetTokenTime(): void
    {
        $visitor = self::visitor();
        $before = time();
        [$time, $name] = self::results(self::load($visitor, ['getTokenTime'], ['getTokenName']));
        self::assertGreaterThanOrEqual($before, $time);
        self::assertLessThanOrEqual(time(), $time);
        preg_match(self::NAME, $name, $found);
        self::assertSame((string) $time, $found[1], 'the name ends with it');
    }

    public function testGetToken(): void
    {
        $visitor = self::visitor();
        [$token, $name, $time] = self::results(self::load($visitor, ['getToken', 'cart'], ['getTokenName', 'cart'], ['getTokenTime', 'cart']));
        self::assertSame(['name', 'value', 'time'], array_keys($token));
        self::assertSame([$name, $time], [$token['name'], $token['time']]);
        self::assertTrue(self::post($visitor, self::form($token), ['hasValidToken', 'cart']));
    }

    public function testGetSingleUseToken(): void
    {
        $visitor = self::visitor();
        [$named, $numbered, $another] = self::results(self::load(
            $visitor,
            ['getSingleUseToken', 'order'],
            ['getSingleUseToken'],
            ['getSingleUseToken', '']
        ));
        foreach ([$named, $numbered, $another] as $token) {
            self::assertSame(['id', 'name', 'value', 'time'], array_keys($token));
            self::assertMatchesRegularExpression(self::NAME, $token['name']);
            self::assertMatchesRegularExpression(self::VALUE, $token['value']);
        }
        self::assertSame('order', $named['id']);
        self::assertMatchesRegularExpression('/^\d+$/D', $numbered['id']);
        self::assertNotSame($numbered['id'], $another['id']);
        self::assertTrue(self::post($visitor, self::form($numbered), ['validate', $numbered['id']]));
        self::assertRefused(self::post($visitor, self::form($numbered), ['validate', $numbered['id']]));
    }

    public function testHasValidToken(): void
    {
        $visitor = self::visitor();
        $token = self::call($visitor, 'getToken');
        self::assertTrue(self::post($visitor, self::form($token)));
        self::assertTrue(self::post($visitor, self::form($token)), 'again, as long as it is not reset');
        self::assertFalse(self::post($visitor, ['comment' => 'hello']));
        self::assertFalse(self::post($visitor, self::form($token), ['hasValidToken', 'cart']));
    }

    public function testHasValidTokenResetsAValidTokenWhenToldTo(): void
    {
        $visitor = self::visitor();
        [$token, $ofCart] = self::results(self::load($visitor, ['getToken'], ['getToken', 'cart']));
        self::assertTrue(self::post($visitor, self::form($token), ['hasValidToken', '', true]));
        self::assertFalse(self::post($visitor, self::form($token)));
        self::assertTrue(self::post($visitor, self::form($ofCart), ['hasValidToken', 'cart']), 'another id is not concerned');
        self::assertNotSame($token['name'], self::call($visitor, 'getTokenName'));
    }

    /** Else a forged post would make the visitor's open forms invalid. */
    public function testHasValidTokenResetsNothingForAnInvalidToken(): void
    {
        $visitor = self::visitor();
        $token = self::call($visitor, 'getToken');
        self::assertFalse(self::post($visitor, [$token['name'] => 'wrong'], ['hasValidToken', '', true]));
        self::assertTrue(self::post($visitor, self::form($token)));
    }

    public function testHasValidTokenLeavesASingleUseTokenWhenToldTo(): void
    {
        $visitor = self::visitor();
        $token = self::call($visitor, 'getSingleUseToken', 'order');
        self::assertTrue(self::post($visitor, self::form($token), ['hasValidToken', 'order', false]));
        self::assertTrue(self::post($visitor, self::form($token), ['hasValidToken', 'order', false]));
        self::assertTrue(self::post($visitor, self::form($token), ['hasValidToken', 'order']));
        self::assertFalse(self::post($visitor, self::form($token), ['hasValidToken', 'order', false]));
    }

    public function testValidate(): void
    {
        $visitor = self::visitor();
        $token = self::call($visitor, 'getToken');
        self::assertTrue(self::post($visitor, self::form($token), ['validate']));
        $thrown = self::post($visitor, [$token['name'] => 'wrong'], ['validate']);
        self::assertRefused($thrown);
        self::assertStringNotContainsString($token['name'], $thrown['message']);
        self::assertRefused(self::post($visitor, self::form($token), ['validate', 'cart']));
    }

    /** Else a forged post would make the visitor's open forms invalid. ProcessWire resets here. */
    public function testValidateResetsNothingWhenItRefuses(): void
    {
        $visitor = self::visitor();
        $token = self::call($visitor, 'getToken');
        self::assertRefused(self::post($visitor, [$token['name'] => 'wrong'], ['validate']));
        self::assertTrue(self::post($visitor, self::form($token), ['validate']));
    }

    public function testResetToken(): void
    {
        $visitor = self::visitor();
        [$token, $ofCart, $single] = self::results(self::load($visitor, ['getToken'], ['getToken', 'cart'], ['getSingleUseToken', 'order']));
        self::assertSame([null, null], self::results(self::load($visitor, ['resetToken', 'cart'], ['resetToken', 'order'])));
        self::assertTrue(self::post($visitor, self::form($token)));
        self::assertFalse(self::post($visitor, self::form($ofCart), ['hasValidToken', 'cart']));
        self::assertFalse(self::post($visitor, self::form($single), ['hasValidToken', 'order']));
        $new = self::call($visitor, 'getToken', 'cart');
        self::assertNotSame($ofCart['name'], $new['name']);
        self::assertTrue(self::post($visitor, self::form($new), ['hasValidToken', 'cart']));
        self::call($visitor, 'resetToken');
        self::assertFalse(self::post($visitor, self::form($token)));
    }

    public function testResetTokenMakesNoSession(): void
    {
        $visitor = self::visitor();
        self::assertNull(self::call($visitor, 'resetToken'));
        self::assertSame([], $visitor->cookies);
    }

    public function testResetAll(): void
    {
        $visitor = self::visitor();
        [$token, $ofCart] = self::results(self::load($visitor, ['getToken'], ['getToken', 'cart']));
        $page = self::load($visitor, ['resetAll']);
        self::assertSame([null], self::results($page));
        self::assertSame([], self::said($page)['variables'], 'one removal');
        self::assertFalse(self::post($visitor, self::form($token)));
        self::assertFalse(self::post($visitor, self::form($ofCart), ['hasValidToken', 'cart']));
        $new = self::call($visitor, 'getToken');
        self::assertTrue(self::post($visitor, self::form($new)));
        self::assertFalse(self::post($visitor, self::form($token)));
    }

    public function testRenderInput(): void
    {
        $visitor = self::visitor();
        foreach (['', 'cart', "'><script>"] as $id) {
            [$input, $name] = self::results(self::load($visitor, ['renderInput', $id], ['getTokenName', $id]));
            self::assertSame(1, preg_match(
                "/^<input type='hidden' name='(TOKEN\d+X\d+)' value='([A-Za-z0-9_-]{86})' class='_post_token' \/>$/D",
                $input,
                $found
            ), $input);
            self::assertSame($name, $found[1]);
            self::assertTrue(self::post($visitor, [$found[1] => $found[2]], ['hasValidToken', $id]));
        }
    }

    /** "Get the CSRF token": for `<meta name="csrf-token" content="…">`. */
    public function testTheObjectAsAStringIsTheTokenWithoutAnId(): void
    {
        $visitor = self::visitor();
        [$text, $name] = self::results(self::load($visitor, ['__toString'], ['getTokenName']));
        self::assertTrue(self::post($visitor, [$name => $text]));
    }

    /** A page with a token is nobody else's, also when it sets no cookie. */
    public function testAPageWithATokenIsNotForSharedCaches(): void
    {
        $visitor = self::visitorWithSession();
        self::results(self::load($visitor, ['getToken']));
        $page = self::load($visitor, ['getToken']);
        self::assertSame([], $page->cookies());
        self::assertSame(['private, no-cache'], $page->header('Cache-Control'));
        self::assertSame([], self::load($visitor, ['hasValidToken'])->header('Cache-Control'));
    }
}
