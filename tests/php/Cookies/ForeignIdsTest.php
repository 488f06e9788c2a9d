<?php

declare(strict_types=1);

namespace Holdfast\Tests\Cookies;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Server\SiteTestCase;

/**
 * S02: an id that this store did not issue is never adopted.
 * S03: malformed ids are treated as absent, without a warning.
 * S04: no id reaches anything internal.
 * S20: the cookie's name cannot be faked.
 * S22: duplicate cookies: a fixed rule, no mixing.
 * S23: ids come from the cookie only.
 * S24: an id is bound to its cookie's name.
 */
final class ForeignIdsTest extends SiteTestCase
{
    /** @dataProvider malformed */
    public function testAMalformedCookieIsNoCookie(string $template): void
    {
        $owner = self::visitor();
        $id = self::said($owner->get('/count.php'))['id'];
        $header = strtr($template, ['{id}' => $id, '{other}' => strrev($id)]);
        $logged = strlen(self::fpm()->log());

        $stranger = self::visitor();
        $read = $stranger->getWithCookieHeader('/read.php', $header);
        self::assertSame([], self::said($read)['data'], $header);
        self::assertSame('', self::said($read)['id'], $header);
        self::assertSame([], $read->cookies());

        $written = $stranger->getWithCookieHeader('/steps.php?do=set', $header);
        self::assertCount(1, $written->cookies(), $header);
        self::assertStringNotContainsString((string) self::said($written)['id'], $header);
        self::assertSame(['set' => true], self::said($written)['data']);

        self::assertSame('', substr(self::fpm()->log(), $logged), 'nothing was logged');
        self::assertSame(['views' => 1], self::said($owner->get('/read.php'))['data'], 'the owner is unharmed');
    }

    /** @return array<string, array{string}> */
    public static function malformed(): array
    {
        return [
            'empty' => ['holdfast='],
            'no value' => ['holdfast'],
            'one character' => ['holdfast=x'],
            'four kilobytes' => ['holdfast=' . str_repeat('a', 4096)],
            'a path' => ['holdfast=../x'],
            'a lock' => ['holdfast={id}_LOCK'],
            'an id in a path' => ['holdfast=../{id}'],
            'an encoded NUL' => ['holdfast={id}%00'],
            'NUL alone' => ['holdfast=%00'],
            'UTF-8' => ['holdfast=%C3%BC' . str_repeat('%F0%9F%8D%B5', 10)],
            'raw UTF-8' => ["holdfast=\u{FC}\u{1F375}"],
            'an array' => ['holdfast[]={id}'],
            'an array with a key' => ['holdfast[0]={id}'],
            'chosen, in the right form' => ['holdfast=' . str_repeat('A', 43)],
            'chosen, as PHP makes them' => ['holdfast=0123456789abcdef0123456789abcdef'],
            'an issued id, reversed' => ['holdfast={other}'],
            'an issued id and more' => ['holdfast={id}A'],
            'an issued id and a space' => ['holdfast={id}%20'],
            'an issued id with padding' => ['holdfast={id}='],
            'an issued id after something' => ['holdfast=A{id}'],
            'two ids with a comma' => ['holdfast={id},{id}'],
            'quoted' => ['holdfast="{id}"'],
            'the name in capitals' => ['HOLDFAST={id}'],
            'the name encoded' => ['%68oldfast={id}'],
            'the name with a dot' => ['holdfast.={id}'],
            'the name with a bracket' => ['holdfast[={id}'],
            'another name that ends alike' => ['xholdfast={id}'],
            'another name that begins alike' => ['holdfastx={id}'],
        ];
    }

    /** @dataProvider fakedNames */
    public function testTheHostPrefixCannotBeFaked(string $name): void
    {
        $options = rawurlencode('{"cookie_host_prefix": true}');
        $owner = new Browser(self::fpm()->httpsUrl());
        $id = self::said($owner->get("/steps.php?do=set&options=$options"))['id'];
        $stranger = new Browser(self::fpm()->httpsUrl());
        $read = $stranger->getWithCookieHeader("/steps.php?options=$options", "$name=$id");
        self::assertSame([], self::said($read)['data']);
        self::assertSame('', self::said($read)['id']);
    }

    /** @return array<string, array{string}> */
    public static function fakedNames(): array
    {
        return [
            'dots' => ['..Host-holdfast'],
            'a dot and an underscore' => ['_.Host-holdfast'],
            'encoded underscores' => ['%5F%5FHost-holdfast'],
            'an encoded hyphen' => ['__Host%2Dholdfast'],
            'spaces' => ['  Host-holdfast'],
            'plus' => ['++Host-holdfast'],
            'a bracket' => ['_[Host-holdfast'],
            'a bracket at the end' => ['__Host-holdfast['],
            'an array' => ['__Host-holdfast[]'],
            'another case' => ['__host-holdfast'],
            'no prefix' => ['holdfast'],
            'the other prefix' => ['__Secure-holdfast'],
        ];
    }

    public function testDuplicateCookiesFollowOneRule(): void
    {
        $ids = [];
        foreach (['first', 'second'] as $who) {
            $visitor = self::visitor();
            $visitor->get('/count.php');
            if ($who === 'second') {
                $visitor->get('/count.php');
            }
            $ids[$who] = $visitor->cookies['holdfast'];
        }
        $read = static fn (string $a, string $b): array =>
            self::said(self::visitor()->getWithCookieHeader('/read.php', "holdfast=$a; holdfast=$b"));
        $seen = [
            $read($ids['first'], $ids['second'])['data']['views'] ?? 0,
            $read($ids['second'], $ids['first'])['data']['views'] ?? 0,
        ];
        // The first of the two, the last of the two, or neither: the same in both orders.
        self::assertContains($seen, [[1, 2], [2, 1], [0, 0]]);
    }

    public function testIdsComeFromTheCookieOnly(): void
    {
        $id = self::said(self::visitor()->get('/count.php'))['id'];
        $stranger = self::visitor();
        self::assertSame([], self::said($stranger->get("/read.php?holdfast=$id"))['data']);
        self::assertSame([], self::said($stranger->post('/read.php', ['holdfast' => $id]))['data']);
        self::assertSame([], $stranger->cookies);
        $page = $stranger->get("/steps.php?do=set&holdfast=$id");
        self::assertNotSame($id, self::said($page)['id']);
    }

    public function testAnIdIsBoundToItsCookieName(): void
    {
        $site = self::said(self::visitor()->get('/count.php'))['id'];
        $admin = self::said(self::visitor()->get('/steps.php?do=set&options=' . rawurlencode('{"cookie_name": "admin"}')))['id'];
        $swapped = self::visitor();
        $readSite = $swapped->getWithCookieHeader('/read.php', "holdfast=$admin; admin=$site");
        $readAdmin = $swapped->getWithCookieHeader('/read.php?cookie_name=admin', "holdfast=$admin; admin=$site");
        self::assertSame([], self::said($readSite)['data']);
        self::assertSame([], self::said($readAdmin)['data']);
    }
}
