<?php

declare(strict_types=1);

namespace Holdfast\Tests\Redirects;

use Holdfast\Exception\InvalidArgument;
use Holdfast\Tests\Server\SiteTestCase;

/**
 * S41: a redirect goes to a path of this site, to an own URL, or to a host that is allowed, and nowhere else.
 */
final class DestinationsTest extends SiteTestCase
{
    /** What stands for the site's own host and port in a URL. */
    private const OWN = 'OWN';

    /** @return array<string, string|int> */
    protected static function settings(): array
    {
        return ['holdfast.redirect_hosts' => 'pay.example, *.partner.example, api.example:8443'];
    }

    /** @dataProvider accepted */
    public function testS41ARedirectGoesThere(string $url): void
    {
        $url = self::own($url);
        $response = self::visitor()->get('/redirect.php?url=' . rawurlencode($url));
        self::assertSame(302, $response->status, (string) $response);
        self::assertSame([$url], $response->header('Location'));
        self::assertSame('', $response->body);
        self::assertSame([], $response->cookies(), 'S25: a redirect begins no session');
    }

    /** @return array<string, array{string}> */
    public static function accepted(): array
    {
        return [
            'the root' => ['/'],
            'a path with a query and a fragment' => ['/cart/?page=2#top'],
            'a path beside this page' => ['thanks.php'],
            'a path below this directory' => ['./a:b'],
            'a path above it' => ['../up/'],
            'a query alone' => ['?ok=1'],
            'a fragment alone' => ['#top'],
            'a URL in the query' => ['/login?next=https://evil.example//'],
            'an encoded line break in the query' => ['/search?q=%0D%0A'],
            'two slashes inside of a path' => ['/a//b'],
            'an at sign in a path' => ['/@evil.example'],
            'a space in a query' => ['/search?q=two words'],
            'what is not ASCII' => ["/caf\u{e9}/"],
            'what is not UTF-8' => ["/\xff"],
            'the own host' => ['http://OWN/x?y#z'],
            'the own host with another case' => ['HTTP://OWN/'],
            'an allowed host' => ['https://pay.example/?order=7'],
            'a subdomain of an allowed one' => ['https://a.b.partner.example/'],
            'an allowed host with its port' => ['http://api.example:8443'],
        ];
    }

    /** @dataProvider refused */
    public function testS41ARedirectIsRefused(string $url): void
    {
        $url = self::own($url);
        $response = self::visitor()->get('/redirect.php?url=' . rawurlencode($url));
        self::assertSame(200, $response->status, (string) $response);
        self::assertSame([], $response->header('Location'));
        self::assertSame([], $response->header('X-Injected'));
        self::assertStringStartsWith(InvalidArgument::class . ": a redirect can't go to ", $response->body);
        self::assertStringEndsWith(' and the page goes on', $response->body);
        self::assertDoesNotMatchRegularExpression('/[\x00-\x1f\x7f-\xff]/', $response->body, 'the message is visible ASCII');

        $kept = self::visitor()->get('/redirect.php?method=redirectUrl&url=' . rawurlencode($url));
        self::assertSame([], $kept->cookies(), 'redirectUrl() refuses it, too');
        self::assertSame($url === '' ? ' and the page goes on' : $response->body, $kept->body);
    }

    /** @return array<string, array{string}> */
    public static function refused(): array
    {
        return [
            'nothing' => [''],
            'a host without a scheme' => ['//evil.example'],
            'three slashes' => ['///evil.example'],
            'the own host without a scheme' => ['//OWN/'],
            'two backslashes' => ['\\\\evil.example'],
            'a slash and a backslash' => ['/\\evil.example'],
            'a backslash and a slash' => ['\\/evil.example'],
            'dots that leave two slashes' => ['/.//evil.example'],
            'dots that go up to two slashes' => ['/a/..//evil.example'],
            'encoded dots' => ['/%2e%2E//evil.example'],
            'an encoded slash' => ['/%2fevil.example'],
            'an encoded backslash' => ['/%5cevil.example'],
            'a line break and a header' => ["/x\r\nX-Injected: yes"],
            'LF alone' => ["/x\nX-Injected: yes"],
            'CR alone' => ["/x\rX-Injected: yes"],
            'an encoded line break in the path' => ['/%0d%0aX-Injected:yes'],
            'NUL' => ["/x\0"],
            'a tab between slashes' => ["/\t/evil.example"],
            'a control byte in front' => ["\x01//evil.example"],
            'a space in front' => [' //evil.example'],
            'a space behind' => ['/x '],
            'javascript' => ['javascript:alert(1)'],
            'javascript in another case' => ['JaVaScRiPt:alert(1)'],
            'javascript with a tab' => ["java\tscript:alert(1)"],
            'data' => ['data:text/html,x'],
            'ftp' => ['ftp://OWN/'],
            'a scheme without slashes' => ['https:evil.example'],
            'a scheme with one slash' => ['http:/evil.example'],
            'a scheme with three slashes' => ['http:///evil.example'],
            'another host' => ['https://evil.example/'],
            'the own host as a user' => ['http://OWN@evil.example/'],
            'a user of the own host' => ['http://user@OWN/'],
            'the own host in front' => ['http://OWN.evil.example/'],
            'an allowed host at the end' => ['https://evilpay.example/'],
            'an allowed host with a dot behind' => ['https://pay.example./'],
            'the parent of allowed subdomains' => ['https://partner.example/'],
            'an encoded slash in a subdomain' => ['https://evil.example%2f.partner.example/'],
            'an allowed host at another port' => ['https://api.example/'],
            'a backslash behind the own host' => ['http://OWN\\@evil.example/'],
            'no host' => ['http://'],
            'a URL too long for a header' => ['/' . str_repeat('x', 8192)],
        ];
    }

    /** The query of a URL may hold a token. */
    public function testS29TheMessageDoesNotShowTheQuery(): void
    {
        $body = self::visitor()->get('/redirect.php?url=' . rawurlencode('https://evil.example/?token=secret'))->body;
        self::assertStringContainsString("the host 'evil.example'", $body);
        self::assertStringNotContainsString('secret', $body);
    }

    public function testS41ASessionMayAllowHostsOfItsOwn(): void
    {
        $options = '&options=' . rawurlencode('{"redirect_hosts":"evil.example"}');
        $response = self::visitor()->get('/redirect.php?url=' . rawurlencode('https://evil.example/') . $options);
        self::assertSame(['https://evil.example/'], $response->header('Location'));
        $response = self::visitor()->get('/redirect.php?url=' . rawurlencode('https://pay.example/') . $options);
        self::assertSame([], $response->header('Location'));
    }

    public function testWhatIsNoUrlIsRefused(): void
    {
        $response = self::visitor()->get('/redirect.php?url[]=x');
        self::assertSame(InvalidArgument::class . ': the URL of a redirect must be a string and the page goes on', $response->body);
    }

    private static function own(string $url): string
    {
        return str_replace(self::OWN, substr(self::fpm()->url(), strlen('http://')), $url);
    }
}
