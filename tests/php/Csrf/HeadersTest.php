<?php

declare(strict_types=1);

namespace Holdfast\Tests\Csrf;

/**
 * Tokens in headers, for requests by script.
 */
final class HeadersTest extends CsrfTestCase
{
    private const AJAX = ['X-Requested-With' => 'XMLHttpRequest'];

    public function testTheHeaderOfTheTokensNameAsInProcessWire(): void
    {
        $visitor = self::visitor();
        [$token, $ofCart] = self::results(self::load($visitor, ['getToken'], ['getToken', 'cart']));
        $header = ["X-{$token['name']}" => $token['value']];
        self::assertTrue(self::post($visitor, [], ['hasValidToken'], $header + self::AJAX));
        self::assertFalse(self::post($visitor, [], ['hasValidToken'], $header), 'a request by script says so');
        self::assertFalse(self::post($visitor, [], ['hasValidToken', 'cart'], $header + self::AJAX));
        $header = ["X-{$ofCart['name']}" => $ofCart['value']];
        self::assertTrue(self::post($visitor, [], ['validate', 'cart'], $header + self::AJAX));
    }

    public function testTheHeaderThatLibrariesSend(): void
    {
        $visitor = self::visitor();
        [$token, $ofCart] = self::results(self::load($visitor, ['getToken'], ['getToken', 'cart']));
        self::assertTrue(self::post($visitor, [], ['hasValidToken'], ['X-CSRF-Token' => $token['value']]));
        self::assertTrue(self::post($visitor, [], ['hasValidToken', 'cart'], ['X-CSRF-Token' => $ofCart['value']]));
        self::assertFalse(self::post($visitor, [], ['hasValidToken'], ['X-CSRF-Token' => $ofCart['value']]));
        self::assertFalse(self::post(self::visitor(), [], ['hasValidToken'], ['X-CSRF-Token' => $token['value']]));
    }

    public function testASingleUseTokenInAHeaderIsUsedUp(): void
    {
        $visitor = self::visitor();
        $token = self::call($visitor, 'getSingleUseToken', 'order');
        self::assertTrue(self::post($visitor, [], ['hasValidToken', 'order'], ['X-CSRF-Token' => $token['value']]));
        self::assertFalse(self::post($visitor, self::form($token), ['hasValidToken', 'order']));
    }

    public function testAWrongFieldDoesNotHideARightHeader(): void
    {
        $visitor = self::visitor();
        $token = self::call($visitor, 'getToken');
        $headers = ['X-CSRF-Token' => $token['value']];
        self::assertTrue(self::post($visitor, [$token['name'] => 'wrong'], ['hasValidToken'], $headers));
    }

    /** Methods that have no form: fetch(url, {method: 'DELETE', headers: {'X-CSRF-Token': token}}). */
    public function testTheHeaderServesEveryMethodThatChangesSomething(): void
    {
        $visitor = self::visitor();
        $headers = ['X-CSRF-Token' => self::call($visitor, 'getTokenValue')];
        foreach (['PUT', 'PATCH', 'DELETE'] as $method) {
            $response = $visitor->send(self::request([['hasValidToken']], null, $headers, $method));
            self::assertSame([true], self::results($response), $method);
            $response = $visitor->send(self::request([['hasValidToken']], null, [], $method));
            self::assertSame([false], self::results($response), "$method without it");
        }
    }
}
