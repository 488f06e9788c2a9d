<?php

declare(strict_types=1);

namespace Holdfast\Tests\SaveHandler;

use Holdfast\Tests\Browser\Browser;

/**
 * S02: an id that this store did not issue is never adopted, whatever `session.use_strict_mode` says.
 * S03: malformed ids are treated as absent, without a warning.
 * S21: at most one Set-Cookie.
 * S22: duplicate cookies: a fixed rule.
 * S23: ids come from the cookie.
 * S24: an id is bound to its cookie's name.
 * S25: no record before the first real write; the id stays.
 */
final class IdsTest extends HandlerTestCase
{
    private const SERIALIZERS = ['php', 'php_serialize', 'holdfast'];

    /** @dataProvider foreign */
    public function testAForeignIdIsNeverAdopted(string $server, string $template, int $strict): void
    {
        $url = self::site($server)->url();
        $owner = new Browser($url);
        $id = self::show($owner, ['set' => ['owner' => true]])['id'];
        $header = strtr($template, ['{id}' => $id, '{other}' => strrev($id)]);
        $sessions = self::sessions($server);
        $logged = strlen(self::site($server)->log());
        $ini = ['ini' => ['session.use_strict_mode' => $strict]];

        $stranger = new Browser($url);
        $read = $stranger->getWithCookieHeader(self::page($ini), $header);
        self::assertSame([], self::calm($read)['data'], $header);
        self::assertCount(1, $read->cookies(), 'a cookie of its own');
        self::assertMatchesRegularExpression('/^[A-Za-z0-9_-]{43}$/D', $read->cookies()[0]->value);
        self::assertSame(self::said($read)['id'], $read->cookies()[0]->value);
        self::assertStringNotContainsString(self::said($read)['id'], $header);
        self::assertSame($sessions, self::sessions($server), 'nothing is kept for it');

        $written = $stranger->getWithCookieHeader(self::page($ini + ['set' => ['stranger' => true]]), $header);
        self::assertStringNotContainsString(self::calm($written)['id'], $header);
        self::assertSame($sessions + 1, self::sessions($server));
        self::assertSame([], self::calm($stranger->getWithCookieHeader(self::page($ini), $header))['data'], 'not found by it');

        $news = substr(self::site($server)->log(), $logged);
        self::assertDoesNotMatchRegularExpression('/warning|notice|error/i', $news);
        self::assertSame(['owner' => true], self::show($owner)['data']);
    }

    /** @return iterable<string, array{string, string, int}> */
    public static function foreign(): iterable
    {
        $ids = [
            'empty' => 'PHPSESSID=',
            'one character' => 'PHPSESSID=x',
            'as PHP makes them' => 'PHPSESSID=0123456789abcdef0123456789abcdef',
            'in our own form' => 'PHPSESSID=' . str_repeat('A', 43),
            'four kilobytes' => 'PHPSESSID=' . str_repeat('a', 4096),
            'a path' => 'PHPSESSID=../x',
            'a lock' => 'PHPSESSID={id}_LOCK',
            'an encoded NUL' => 'PHPSESSID={id}%00',
            'NUL alone' => 'PHPSESSID=%00',
            'UTF-8' => 'PHPSESSID=%C3%BC%F0%9F%8D%B5',
            'an array' => 'PHPSESSID[]={id}',
            'issued, reversed' => 'PHPSESSID={other}',
            'issued, and more' => 'PHPSESSID={id}A',
            'issued, and a space' => 'PHPSESSID={id}%20',
            'another name' => 'XPHPSESSID={id}',
            'number' => 'PHPSESSID=0',
        ];
        foreach (['php-fpm' => [0, 1], 'built-in' => [0]] as $server => $strictnesses) {
            foreach ($strictnesses as $strict) {
                foreach ($ids as $name => $template) {
                    yield "$server, strict mode $strict: $name" => [$server, $template, $strict];
                }
            }
        }
    }

    public function testAnIdInTheAddressOrInAFormIsIgnored(): void
    {
        $id = self::show(self::visitor(), ['set' => ['a' => 1]])['id'];
        self::assertSame([], self::show(self::visitor(), ['PHPSESSID' => $id])['data']);
        self::assertSame([], self::calm(self::visitor()->post('/show.php', ['PHPSESSID' => $id]))['data']);
        $allowed = ['ini' => ['session.use_only_cookies' => 0], 'PHPSESSID' => 'chosen-by-a-link', 'set' => ['a' => 1]];
        self::assertNotSame('chosen-by-a-link', self::show(self::visitor(), $allowed)['id'], 'not even where addresses may hold ids');
    }

    public function testAnIdIsBoundToItsName(): void
    {
        $site = self::show(self::visitor(), ['set' => ['site' => 1]])['id'];
        $admin = self::show(self::visitor(), ['name' => 'ADMIN', 'set' => ['admin' => 1]])['id'];
        $class = self::said(self::visitor()->get('/count.php'))['id'];
        $swapped = "PHPSESSID=$admin; ADMIN=$site";
        foreach ([['name' => 'PHPSESSID'], ['name' => 'ADMIN']] as $name) {
            $response = self::visitor()->getWithCookieHeader(self::page($name), $swapped);
            self::assertSame([], self::calm($response)['data']);
            self::assertNotContains(self::said($response)['id'], [$site, $admin]);
        }
        self::assertSame([], self::calm(self::visitor()->getWithCookieHeader('/show.php', "PHPSESSID=$class"))['data']);
        self::assertSame([], self::said(self::visitor()->getWithCookieHeader('/read.php', "holdfast=$site"))['data']);
    }

    /** @dataProvider serializers */
    public function testNothingIsKeptForVisitorsWhoOnlyStartASession(string $serializer): void
    {
        $sessions = self::sessions();
        $ini = ['ini' => ['session.serialize_handler' => $serializer]];
        for ($visit = 0; $visit < 20; ++$visit) {
            $visitor = self::visitor();
            $id = self::show($visitor, $ini)['id'];
            $response = $visitor->get(self::page(['ini' => ['session.use_strict_mode' => 1] + $ini['ini']]));
            self::assertSame($id, self::calm($response)['id'], 'once a cookie is sent the id stays');
            self::assertSame([], $response->cookies());
        }
        self::assertSame($sessions, self::sessions());
        self::show($visitor, $ini + ['set' => ['a' => 1]]);
        self::assertSame($sessions + 1, self::sessions());
        self::assertSame(['a' => 1], self::show($visitor, $ini)['data']);
    }

    /** @dataProvider serializers */
    public function testTheIdStaysWhenTheSessionBecomesEmpty(string $serializer): void
    {
        $ini = ['session.serialize_handler' => $serializer, 'session.use_strict_mode' => 1];
        $visitor = self::visitor();
        $id = self::show($visitor, ['ini' => $ini, 'set' => ['a' => 1]])['id'];
        foreach ([['set' => []], [], ['set' => ['b' => 1]], []] as $step) {
            self::assertSame($id, self::show($visitor, ['ini' => $ini] + $step)['id']);
        }
        self::assertSame(['b' => 1], self::show($visitor, ['ini' => $ini])['data']);
    }

    /** @return array<string, array{string}> */
    public static function serializers(): array
    {
        return array_combine(self::SERIALIZERS, array_map(static fn (string $name): array => [$name], self::SERIALIZERS));
    }

    /** @dataProvider strictness */
    public function testAnIdThatTheApplicationChooses(int $strict): void
    {
        $ini = ['session.use_strict_mode' => $strict];
        $id = "mine-$strict";
        $visitor = self::visitor();
        // Strict mode takes no id from session_id() that has no session yet, by PHP's own handlers either.
        self::assertSame($id, self::show($visitor, ['id' => $id, 'set' => ['n' => 1]])['id']);
        self::assertSame($id, $visitor->cookies['PHPSESSID']);

        $again = self::show($visitor, ['ini' => $ini]);
        self::assertSame([$id, ['n' => 1]], [$again['id'], $again['data']], 'brought by the browser');
        $again = self::show($visitor, ['ini' => $ini, 'id' => $id, 'set' => ['n' => 2]]);
        self::assertSame([$id, ['n' => 1]], [$again['id'], $again['data']], 'brought, and chosen again');
        $elsewhere = self::show(self::visitor(), ['ini' => $ini, 'id' => $id]);
        self::assertSame([$id, ['n' => 2]], [$elsewhere['id'], $elsewhere['data']], 'chosen by a script without a browser');
    }

    public function testAnIdThatTheApplicationChoosesAndWritesNothingTo(): void
    {
        $visitor = self::visitor();
        self::show($visitor, ['id' => 'mine-and-empty']);
        $again = self::show($visitor, ['id' => 'mine-and-empty', 'set' => ['n' => 1]]);
        self::assertSame('mine-and-empty', $again['id'], 'the browser brings it, and the application chooses it again');
        self::assertSame(['n' => 1], self::show($visitor, ['id' => 'mine-and-empty'])['data']);
    }

    public function testAnIdThatTheApplicationChoosesLivesAgainAfterItWasDestroyed(): void
    {
        $visitor = self::visitor();
        self::show($visitor, ['id' => 'mine-again', 'set' => ['n' => 1]]);
        self::show($visitor, ['id' => 'mine-again', 'do' => 'destroy']);
        $fresh = self::show(self::visitor(), ['id' => 'mine-again', 'set' => ['n' => 2]]);
        self::assertSame(['mine-again', []], [$fresh['id'], $fresh['data']]);
        self::assertSame(['n' => 2], self::show(self::visitor(), ['id' => 'mine-again'])['data']);
    }

    /** @dataProvider strictness */
    public function testAnIdWithAPrefix(int $strict): void
    {
        $ini = ['session.use_strict_mode' => $strict];
        $visitor = self::visitor();
        $first = self::show($visitor, ['prefix' => 'user7-', 'set' => ['n' => 1]]);
        self::assertStringStartsWith('user7-', $first['id']);
        $again = self::show($visitor, ['ini' => $ini]);
        self::assertSame([$first['id'], ['n' => 1]], [$again['id'], $again['data']]);
    }

    /** @return array<string, array{int}> */
    public static function strictness(): array
    {
        return ['strict mode off' => [0], 'strict mode on' => [1]];
    }

    public function testDuplicateCookiesFollowOneRule(): void
    {
        $one = self::show(self::visitor(), ['set' => ['who' => 1]])['id'];
        $two = self::show(self::visitor(), ['set' => ['who' => 2]])['id'];
        $read = static fn (string $header): array => self::calm(self::visitor()->getWithCookieHeader('/show.php', $header))['data'];
        $seen = [$read("PHPSESSID=$one; PHPSESSID=$two")['who'], $read("PHPSESSID=$two; PHPSESSID=$one")['who']];
        self::assertContains($seen, [[1, 2], [2, 1]], 'the first or the last, in both orders');
        $foreign = $read("PHPSESSID=chosen; PHPSESSID=$one");
        self::assertContains($foreign, [[], ['who' => 1]]);
    }

    public function testOneSetCookieAtMost(): void
    {
        foreach (
            [
                'regenerate', 'regenerate-true', 'regenerate,regenerate', 'regenerate-true,regenerate-true,regenerate',
                'destroy,start', 'regenerate-true,destroy,start', 'close,start,regenerate-true,close,start',
                'destroy,start,regenerate-true',
            ] as $steps
        ) {
            $visitor = self::visitor();
            self::show($visitor, ['set' => ['n' => 1]]);
            $response = $visitor->get(self::page(['do' => $steps]));
            self::assertCount(1, $response->cookies(), "$steps\n$response");
            self::assertSame(self::calm($response)['id'], $response->cookies()[0]->value);
            self::assertSame([], $visitor->get('/show.php')->cookies());
        }
        $visitor = self::visitor();
        self::show($visitor, ['set' => ['n' => 1]]);
        foreach (['', 'close', 'gc', 'destroy'] as $steps) {
            self::assertSame([], $visitor->get(self::page(['do' => $steps]))->cookies(), $steps);
        }
        // PHP itself sends the cookie with every further session_start() of a request, unchanged.
        self::show($visitor, ['set' => ['n' => 1]]);
        foreach (['close,start', 'close,start,close,start'] as $steps) {
            $response = $visitor->get(self::page(['do' => $steps]));
            self::assertLessThanOrEqual(1, count($response->cookies()), "$steps\n$response");
            self::assertSame(['n' => 1], self::calm($response)['data']);
        }
    }

    /** S02 through a handler of the application's that wraps ours: PHP asks such a one nothing about ids. */
    public function testAWrapperAdoptsNoForeignIdEither(): void
    {
        foreach ([0, 1] as $strict) {
            $response = self::visitor()->getWithCookieHeader("/wrapped.php?strict=$strict", 'PHPSESSID=chosen-by-a-stranger');
            self::assertNotSame('chosen-by-a-stranger', self::said($response)['id']);
            self::assertCount(1, $response->cookies());
        }
        $visitor = self::visitor();
        for ($n = 1; $n <= 3; ++$n) {
            self::assertSame($n, self::said($visitor->get('/wrapped.php'))['n']);
        }
        self::said($visitor->get('/wrapped.php?destroy=1'));
        self::assertSame(1, self::said($visitor->get('/wrapped.php'))['n']);
    }

    public function testALinkToADeadSessionLeadsNowhere(): void
    {
        $visitor = self::visitor();
        self::show($visitor, ['set' => ['user' => 'anna']]);
        $dead = $visitor->cookies['PHPSESSID'];
        self::show($visitor, ['do' => 'destroy']);
        foreach ([0, 1] as $strict) {
            $again = self::visitor();
            $again->cookies['PHPSESSID'] = $dead;
            $said = self::show($again, ['ini' => ['session.use_strict_mode' => $strict]]);
            self::assertSame([], $said['data']);
            self::assertNotSame($dead, $said['id']);
        }
    }
}
