<?php

declare(strict_types=1);

namespace Holdfast\Tests\Csrf;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\Request;

/**
 * S36: a post that another site sent is refused, whatever token it has; headers that are missing leave it to the token. A
 * request by GET never has a valid token.
 */
final class SenderTest extends CsrfTestCase
{
    protected static function settings(): array
    {
        return ['holdfast.csrf_origins' => 'https://admin.example.org, https://partner.test:8443'];
    }

    public function testS36TheMatrixOfHeaders(): void
    {
        $visitor = self::visitor();
        $form = self::form(self::call($visitor, 'getToken'));
        foreach (self::matrix(self::fpm()->url()) as $what => [$headers, $isOurs]) {
            self::assertSame($isOurs, self::post($visitor, $form, ['hasValidToken'], $headers), $what);
            $validated = self::post($visitor, $form, ['validate'], $headers);
            $isOurs ? self::assertTrue($validated, $what) : self::assertRefused($validated);
        }
    }

    /** The right headers are worth nothing without the token. */
    public function testS36TheTokenDecidesWhereNothingSpeaksAgainstTheRequest(): void
    {
        $visitor = self::visitor();
        $token = self::call($visitor, 'getToken');
        foreach (self::matrix(self::fpm()->url()) as $what => [$headers]) {
            self::assertFalse(self::post($visitor, ['comment' => 'hello'], ['hasValidToken'], $headers), $what);
            self::assertFalse(self::post($visitor, [$token['name'] => 'wrong'], ['hasValidToken'], $headers), $what);
        }
    }

    public function testS36ARefusedPostUsesNoSingleUseTokenUp(): void
    {
        $visitor = self::visitor();
        $token = self::call($visitor, 'getSingleUseToken', 'order');
        $evil = ['Origin' => 'https://evil.example', 'Sec-Fetch-Site' => 'cross-site'];
        self::assertFalse(self::post($visitor, self::form($token), ['hasValidToken', 'order', true], $evil));
        self::assertTrue(self::post($visitor, self::form($token), ['hasValidToken', 'order', true]));
    }

    public function testS36AGetNeverHasAValidToken(): void
    {
        $visitor = self::visitor();
        $token = self::call($visitor, 'getToken');
        $headers = ['X-CSRF-Token' => $token['value'], "X-{$token['name']}" => $token['value'], 'X-Requested-With' => 'XMLHttpRequest'];
        $request = self::request([['hasValidToken'], ['validate']], null, $headers);
        [$has, $thrown] = self::results($visitor->send($request));
        self::assertFalse($has);
        self::assertRefused($thrown);
        // Not even with the body of a post.
        $request = self::request([['hasValidToken']], self::form($token), $headers, 'GET');
        self::assertSame([false], self::results($visitor->send($request)));
    }

    public function testS36OverHttpsAPageThatCameByHttpIsAnotherSites(): void
    {
        $visitor = new Browser(self::fpm()->httpsUrl());
        $form = self::form(self::call($visitor, 'getToken'));
        $http = self::fpm()->httpsUrl();
        $https = 'https' . substr($http, 4);
        self::assertTrue(self::post($visitor, $form, ['hasValidToken'], ['Origin' => $https]));
        self::assertFalse(self::post($visitor, $form, ['hasValidToken'], ['Origin' => $http]));
    }

    /** TLS ends at a proxy that passes the Host on: the server itself sees HTTP. */
    public function testS36BehindAProxyThatEndsTls(): void
    {
        $visitor = self::visitor();
        $form = self::form(self::call($visitor, 'getToken'));
        $public = ['Host' => 'shop.example.org', 'Sec-Fetch-Site' => 'same-origin'];
        self::assertTrue(self::post($visitor, $form, ['hasValidToken'], $public + ['Origin' => 'https://shop.example.org']));
        self::assertFalse(self::post($visitor, $form, ['hasValidToken'], $public + ['Origin' => 'https://shop.example.org:8443']));
    }

    public function testOriginsCanBeListedInTheScriptToo(): void
    {
        $visitor = self::visitor();
        $form = self::form(self::call($visitor, 'getToken'));
        $headers = ['Origin' => 'https://evil.example'];
        $request = self::request([['hasValidToken']], $form, $headers);
        $listing = new Request(
            $request->path . '&' . http_build_query(['ini' => ['holdfast.csrf_origins' => 'https://evil.example']]),
            $form,
            headers: $headers
        );
        self::assertSame([false], self::results($visitor->send($request)));
        self::assertSame([true], self::results($visitor->send($listing)));
    }

    public function testWhoIsRefusedIsToldWhy(): void
    {
        $visitor = self::visitor();
        $form = self::form(self::call($visitor, 'getToken'));
        $thrown = self::post($visitor, $form, ['validate'], ['Origin' => 'https://evil.example']);
        self::assertRefused($thrown);
        self::assertStringContainsString('holdfast.csrf_origins', $thrown['message']);
        self::assertStringNotContainsString('evil.example', $thrown['message'], 'not in the words of who sent it');
        self::assertStringNotContainsString('csrf_origins', self::post($visitor, [], ['validate'])['message']);
    }

    /**
     * @param string $ours the origin of the site
     * @return array<string, array{array<string, string>, bool}> headers, and whether a right token passes with them
     */
    private static function matrix(string $ours): array
    {
        $port = (int) parse_url($ours, PHP_URL_PORT);
        $site = static fn (string $site): array => ['Sec-Fetch-Site' => $site];
        $origin = static fn (string $origin): array => ['Origin' => $origin];
        return [
            'nothing' => [[], true],
            'our origin' => [$origin($ours), true],
            'our origin, same-origin' => [$origin($ours) + $site('same-origin'), true],
            'same-origin' => [$site('same-origin'), true],
            'none' => [$site('none'), true],
            'a word of the future' => [$site('same-planet'), true],
            'empty headers' => [$origin('') + $site(''), true],
            'a hidden page of ours' => [$origin('null') + $site('same-origin'), true],
            'our page as the referer' => [['Referer' => "$ours/form.php?x=1"], true],
            'a listed origin' => [$origin('https://admin.example.org') + $site('same-site'), true],
            'a listed origin of another site' => [$origin('https://partner.test:8443') + $site('cross-site'), true],
            'cross-site' => [$site('cross-site'), false],
            'same-site, from nowhere' => [$site('same-site'), false],
            'null' => [$origin('null'), false],
            'null, cross-site' => [$origin('null') + $site('cross-site'), false],
            'null, none' => [$origin('null') + $site('none'), false],
            'another site' => [$origin('https://evil.example') + $site('cross-site'), false],
            'another site in an old browser' => [$origin('https://evil.example'), false],
            'a sibling subdomain' => [$origin('https://blog.example.org') + $site('same-site'), false],
            'a sibling subdomain in an old browser' => [$origin('https://blog.example.org'), false],
            'another port' => [$origin('http://127.0.0.1:' . ($port + 1)) + $site('same-site'), false],
            'no port' => [$origin('http://127.0.0.1'), false],
            'another name of this host' => [$origin("http://localhost:$port") + $site('cross-site'), false],
            'another scheme' => [$origin("ftp://127.0.0.1:$port"), false],
            'ours with a path' => [$origin("$ours/"), false],
            'ours and another' => [$origin("$ours https://evil.example"), false],
            'ours in front of another' => [$origin("$ours.evil.example"), false],
            'ours as the user of another' => [$origin("$ours@evil.example"), false],
            'the listed one by http' => [$origin('http://admin.example.org') + $site('cross-site'), false],
            'below the listed one' => [$origin('https://x.admin.example.org') + $site('same-site'), false],
            'the listed one with another port' => [$origin('https://partner.test') + $site('cross-site'), false],
            'another page as the referer' => [['Referer' => "https://evil.example/$ours"], false],
            'ours, but cross-site' => [$origin($ours) + $site('cross-site'), false],
        ];
    }
}
