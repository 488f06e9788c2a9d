<?php

declare(strict_types=1);

namespace Holdfast\Tests\Cookies;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\SetCookie;
use Holdfast\Tests\Server\SiteTestCase;

/**
 * S19: HttpOnly, SameSite=Lax, Path=/, no Domain, Secure on HTTPS; the name `__Host-` by one setting.
 */
final class FlagsTest extends SiteTestCase
{
    public function testDefaultsOverHttp(): void
    {
        $cookie = $this->cookieFor([]);
        self::assertSame('holdfast', $cookie->name);
        self::assertMatchesRegularExpression('/^[A-Za-z0-9_-]{43}$/D', $cookie->value);
        self::assertEqualsCanonicalizing(['path', 'httponly', 'samesite'], array_keys($cookie->attributes));
        self::assertSame('/', $cookie->attributes['path']);
        self::assertSame('Lax', $cookie->attributes['samesite']);
    }

    public function testSecureOverHttps(): void
    {
        $cookie = $this->cookieFor([], self::fpm()->httpsUrl());
        self::assertEqualsCanonicalizing(['path', 'secure', 'httponly', 'samesite'], array_keys($cookie->attributes));
    }

    public function testSecureCanBeForced(): void
    {
        self::assertArrayHasKey('secure', $this->cookieFor(['cookie_secure' => true])->attributes);
        self::assertArrayHasKey('secure', $this->cookieFor(['cookie_secure' => 'on'])->attributes);
        $https = self::fpm()->httpsUrl();
        self::assertArrayNotHasKey('secure', $this->cookieFor(['cookie_secure' => false], $https)->attributes);
        self::assertArrayNotHasKey('secure', $this->cookieFor(['cookie_secure' => 'off'], $https)->attributes);
        self::assertArrayHasKey('secure', $this->cookieFor(['cookie_secure' => 'auto'], $https)->attributes);
    }

    public function testEveryAttributeHasAnOption(): void
    {
        $cookie = $this->cookieFor([
            'cookie_name' => 'shop-1_x',
            'cookie_path' => '/shop/',
            'cookie_domain' => 'example.org',
            'cookie_httponly' => false,
            'cookie_samesite' => 'Strict',
            'cookie_lifetime' => 3600,
        ]);
        self::assertSame('shop-1_x', $cookie->name);
        self::assertSame('/shop/', $cookie->attributes['path']);
        self::assertSame('example.org', $cookie->attributes['domain']);
        self::assertSame('Strict', $cookie->attributes['samesite']);
        self::assertArrayNotHasKey('httponly', $cookie->attributes);
        self::assertEqualsWithDelta(time() + 3600, strtotime((string) $cookie->attributes['expires']), 60);
    }

    public function testNoSameSite(): void
    {
        self::assertArrayNotHasKey('samesite', $this->cookieFor(['cookie_samesite' => ''])->attributes);
    }

    public function testTheHostPrefix(): void
    {
        $cookie = $this->cookieFor(['cookie_host_prefix' => true], self::fpm()->httpsUrl());
        self::assertSame('__Host-holdfast', $cookie->name);
        self::assertSame('/', $cookie->attributes['path']);
        self::assertArrayHasKey('secure', $cookie->attributes);
        self::assertArrayNotHasKey('domain', $cookie->attributes);
    }

    public function testASessionUnderTheHostPrefixGoesOn(): void
    {
        $visitor = new Browser(self::fpm()->httpsUrl());
        $options = rawurlencode('{"cookie_host_prefix": true}');
        $first = self::said($visitor->get("/steps.php?do=set&options=$options"));
        $second = self::said($visitor->get("/steps.php?options=$options"));
        self::assertSame(['set' => true], $second['data']);
        self::assertSame($first['id'], $second['id']);
        self::assertSame('__Host-holdfast', $second['name']);
    }

    /** S11, as far as it concerns this class: the cookie is expired with the attributes that it was set with. */
    public function testDestroyRemovesTheCookieWithTheSameAttributes(): void
    {
        $visitor = self::visitor();
        $options = rawurlencode('{"cookie_path": "/", "cookie_samesite": "Strict"}');
        $set = $visitor->get("/steps.php?do=set&options=$options")->cookies();
        $removed = $visitor->get("/steps.php?do=destroy&options=$options")->cookies();
        self::assertCount(1, $set);
        self::assertCount(1, $removed);
        self::assertTrue($removed[0]->isRemoval());
        $kept = static fn (SetCookie $cookie): array => array_diff_key($cookie->attributes, ['expires' => 1, 'max-age' => 1]);
        self::assertSame($kept($set[0]), $kept($removed[0]));
        self::assertSame([], $visitor->cookies);
    }

    /** @param array<string, mixed> $options */
    private function cookieFor(array $options, ?string $siteUrl = null): SetCookie
    {
        $visitor = new Browser($siteUrl ?? self::fpm()->url());
        $response = $visitor->get('/steps.php?do=set&options=' . rawurlencode((string) json_encode((object) $options)));
        self::said($response);
        $cookies = $response->cookies();
        self::assertCount(1, $cookies, (string) $response);
        return $cookies[0];
    }
}
