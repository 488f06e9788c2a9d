<?php

declare(strict_types=1);

namespace Holdfast\Tests\Admin;

/**
 * Issue 9, S32, S33, S36: sessions are ended by the page's own form alone; without scripts, too.
 */
final class EndingTest extends AdminTestCase
{
    public function testOneSessionIsEndedWithoutScripts(): void
    {
        $alice = self::member('alice');
        $operator = self::operator();
        $listed = $operator->get(self::path(['view' => 'sessions', 'user' => '1']));
        [$link] = self::find($listed, "//td[@class='act']/a");
        $asked = $operator->get($link->getAttribute('href'));
        self::assertSame(['End this session?'], self::texts($asked, '//h1'));
        self::assertTrue(self::isLoggedIn($alice), 'a question changes nothing');
        $answer = self::send($operator, self::fields($asked, "//form[@method='post']"));
        self::assertSame(303, $answer->status);
        self::assertStringStartsWith('/admin.php?', $answer->header('Location')[0]);
        self::assertFalse(self::isLoggedIn($alice));
        $told = static fn (): array => self::texts($operator->get('/admin.php?hf_view=sessions'), "//p[@class='told']");
        self::assertSame(['The session has ended.'], $told());
        self::assertSame([], $told(), 'it is told once');
    }

    public function testAllDevicesOfAUserAreLoggedOutWithoutScripts(): void
    {
        $devices = [self::member('alice'), self::member('alice')];
        $bob = self::member('bob');
        $operator = self::operator();
        $asked = $operator->get(self::path(['view' => 'end', 'end' => 'user', 'whom' => '1']));
        self::assertStringContainsString('2 sessions will end', $asked->body);
        self::assertSame(303, self::end($operator, 'user', '1')->status);
        self::assertFalse(self::isLoggedIn($devices[0]) || self::isLoggedIn($devices[1]));
        self::assertTrue(self::isLoggedIn($bob));
        $shown = $operator->get('/admin.php?hf_view=sessions');
        self::assertSame(['2 devices were logged out.'], self::texts($shown, "//p[@class='told']"));
        $log = array_map(static fn (string $line): array => json_decode($line, true), file(self::auditLog()) ?: []);
        $ends = array_filter($log, static fn (array $event): bool => $event['event'] === 'destroy');
        $last = end($ends);
        self::assertSame(['destroy', 'operator', '1', 'ada', 2], [$last['event'], $last['reason'], $last['user'], $last['by'], $last['count']]);
    }

    public function testS32S33WithoutItsOwnTokenNoFormDoesAnything(): void
    {
        $alice = self::member('alice');
        $handle = self::handleOf('1');
        $operator = self::operator();
        $asked = $operator->get(self::path(['view' => 'end', 'end' => 'session', 'whom' => $handle]));
        $fields = self::fields($asked, "//form[@method='post']");
        $another = self::operator('eve');
        $others = self::fields($another->get(self::path(['view' => 'end', 'end' => 'session', 'whom' => $handle])), "//form[@method='post']");
        $forged = [
            'none' => [], 'empty' => ['hf_token' => ''], 'a list' => ['hf_token[]' => $fields['hf_token']],
            'cut off' => ['hf_token' => substr($fields['hf_token'], 0, -2)], 'too long' => ['hf_token' => $fields['hf_token'] . '00'],
            'changed' => ['hf_token' => strrev($fields['hf_token'])], 'all zeros' => ['hf_token' => str_repeat('0', 128)],
            'of another browser' => ['hf_token' => $others['hf_token']],
        ];
        foreach ($forged as $what => $token) {
            $answer = self::send($operator, array_diff_key($fields, ['hf_token' => 1]) + $token);
            self::assertSame(403, $answer->status, $what);
            self::assertStringContainsString('Nothing was changed.', $answer->body);
        }
        // The same browser, used by somebody else.
        $operator->cookies['operator'] = 'eve';
        self::assertSame(403, self::send($operator, $fields)->status, 'of another person');
        $operator->cookies['operator'] = 'ada';
        $cookies = $operator->cookies;
        unset($operator->cookies['holdfast-admin']);
        self::assertSame(403, self::send($operator, $fields)->status, 'without its cookie');
        $operator->cookies = $cookies;
        self::assertTrue(self::isLoggedIn($alice));
        self::assertSame(303, self::send($operator, $fields)->status);
        self::assertFalse(self::isLoggedIn($alice));
    }

    /** @return array<string, array{array<string, string>, bool}> what browsers say of where a form was */
    public static function origins(): array
    {
        return [
            'nothing' => [[], true],
            'this origin' => [['Origin' => 'http://HOST'], true],
            'the same host by https, behind a proxy' => [['Origin' => 'https://HOST'], true],
            'another host' => [['Origin' => 'https://evil.example'], false],
            'another port' => [['Origin' => 'http://127.0.0.1:1'], false],
            'nobody' => [['Origin' => 'null'], false],
            'a host that begins alike' => [['Origin' => 'http://HOST.evil.example'], false],
            'the same origin' => [['Sec-Fetch-Site' => 'same-origin', 'Origin' => 'https://outside.example'], true],
            'another host of the site' => [['Sec-Fetch-Site' => 'same-site', 'Origin' => 'http://HOST'], false],
            'another site' => [['Sec-Fetch-Site' => 'cross-site'], false],
            'an address that was typed' => [['Sec-Fetch-Site' => 'none'], false],
        ];
    }

    /**
     * @dataProvider origins
     * @param array<string, string> $headers
     */
    public function testS36FormsOfOtherSitesAreRefused(array $headers, bool $isAccepted): void
    {
        $alice = self::member('alice');
        $host = (string) preg_replace('~^http://~', '', self::fpm()->url());
        $headers = array_map(static fn (string $value): string => strtr($value, ['HOST' => $host]), $headers);
        $answer = self::end(self::operator(), 'session', self::handleOf('1'), [], $headers);
        self::assertSame($isAccepted ? 303 : 403, $answer->status);
        self::assertSame(!$isAccepted, self::isLoggedIn($alice));
    }

    public function testS36AGetChangesNothing(): void
    {
        $alice = self::member('alice');
        $operator = self::operator();
        $asked = $operator->get(self::path(['view' => 'end', 'end' => 'session', 'whom' => self::handleOf('1')]));
        $operator->get('/admin.php?' . http_build_query(self::fields($asked, "//form[@method='post']")));
        self::assertTrue(self::isLoggedIn($alice));
    }

    public function testS34TheTokenLooksDifferentInEachPageAndAllAreGood(): void
    {
        self::member('alice');
        $operator = self::operator();
        $page = self::path(['view' => 'end', 'end' => 'session', 'whom' => self::handleOf('1')]);
        $first = self::fields($operator->get($page), "//form[@method='post']");
        $second = self::fields($operator->get($page), "//form[@method='post']");
        self::assertNotSame($first['hf_token'], $second['hf_token']);
        self::assertSame(303, self::send($operator, $first)->status);
        self::assertSame(303, self::send($operator, $second)->status);
        self::assertStringContainsString('had ended before', $operator->get('/admin.php?hf_view=sessions')->body);
    }

    public function testTheCookieOfTheFormsIsTheBrowsersAlone(): void
    {
        $cookie = self::operator()->get('/admin.php')->cookies()[0];
        self::assertSame('holdfast-admin', $cookie->name);
        self::assertMatchesRegularExpression('/HttpOnly/i', implode(self::operator()->get('/admin.php')->header('Set-Cookie')));
        self::assertMatchesRegularExpression('/SameSite=Lax/i', implode(self::operator()->get('/admin.php')->header('Set-Cookie')));
        $https = new \Holdfast\Tests\Browser\Browser(self::fpm()->httpsUrl());
        $https->cookies['operator'] = 'ada';
        $line = implode($https->get('/admin.php')->header('Set-Cookie'));
        self::assertStringStartsWith('__Host-holdfast-admin=', $line);
        self::assertMatchesRegularExpression('/; secure/i', $line);
    }

    public function testWhatIsNeitherSessionNorUserIsRefused(): void
    {
        $operator = self::operator();
        self::member('alice');
        $fields = self::fields($operator->get(self::path(['view' => 'end', 'end' => 'user', 'whom' => '1'])), "//form[@method='post']");
        foreach ([['hf_end' => 'session', 'hf_whom' => 'x'], ['hf_end' => 'everything'], ['hf_whom' => '']] as $changes) {
            self::assertSame(400, self::send($operator, $changes + $fields)->status);
        }
        self::assertSame(404, $operator->get(self::path(['view' => 'end', 'end' => 'session', 'whom' => 'x']))->status);
        $gone = $operator->get(self::path(['view' => 'end', 'end' => 'session', 'whom' => str_repeat('0', 32)]));
        self::assertSame(['It has ended already.'], self::texts($gone, '//h1'));
    }
}
