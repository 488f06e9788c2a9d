<?php

declare(strict_types=1);

namespace Holdfast\Tests\Admin;

use Holdfast\Tests\Browser\Request;

/**
 * Issue 9: the list of sessions by its addresses, and that nothing of what visitors send is ever markup.
 */
final class SessionsListTest extends AdminTestCase
{
    private const HOSTILE = [
        '<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "' onmouseover='alert(1)", '&lt;b&gt;', "\u{202E}gnp.exe", "a\u{200B}b",
        "\xff\xfe<b>", '</title><script>', '${7*7}', "javascript:alert('x')",
    ];

    public function testWhatVisitorsSendIsNeverMarkup(): void
    {
        foreach (self::HOSTILE as $number => $browser) {
            $visitor = self::visitor();
            $request = self::request([['login', 'bob', 'bob']], headers: ['User-Agent' => $browser]);
            $visitor->send($request);
        }
        $operator = self::operator();
        $plain = $operator->get(self::path(['view' => 'sessions', 'user' => '2']));
        self::assertSame(200, $plain->status);
        self::assertCount(count(self::HOSTILE), self::find($plain, '//tbody/tr'));
        self::assertSame([], self::find($plain, '//tbody//script|//tbody//img|//tbody//b'));
        $shown = self::texts($plain, '//td[@class="browser"]');
        self::assertContains('<script>alert(1)</script>', $shown);
        self::assertContains("\u{FFFD}gnp.exe", $shown, 'what turns letters around is shown');
        self::assertContains("a\u{FFFD}b", $shown);
        self::assertSame([], self::find($plain, '//@*[starts-with(name(), "on")]/..'));
        foreach (self::find($plain, '//a') as $link) {
            self::assertMatchesRegularExpression('~^(/admin\.php|#)~', $link->getAttribute('href'));
        }
        foreach (['search', 'user', 'network', 'who', 'order', 'direction', 'page', 'idle'] as $parameter) {
            foreach (self::HOSTILE as $text) {
                $answer = $operator->get(self::path(['view' => 'sessions', $parameter => $text]));
                self::assertContains($answer->status, [200, 400], "$parameter $text");
                self::assertCount(1, self::find($answer, '//script'), "$parameter $text");
                self::assertSame([], self::find($answer, '//img|//b|//@*[starts-with(name(), "on")]/..'), "$parameter $text");
            }
        }
    }

    public function testIdsOfUsersAreBytesThatComeBackAsTheyWere(): void
    {
        $ids = ['<b>', "a\nb", "\xff\x00\x01", 'ü&"\''];
        foreach ($ids as $id) {
            $made = self::visitor()->get('/force.php?' . http_build_query(['id' => $id]));
            self::assertSame(200, $made->status, (string) $made);
        }
        $operator = self::operator();
        foreach ($ids as $id) {
            $listed = $operator->get(self::path(['view' => 'sessions', 'user' => $id]));
            self::assertCount(1, self::find($listed, '//tbody/tr'), bin2hex($id));
            self::assertSame(303, self::end($operator, 'user', $id)->status);
            self::assertStringContainsString('1 device was logged out.', $operator->get('/admin.php')->body, bin2hex($id));
        }
    }

    public function testAUsersNameIsWhatTheSiteSays(): void
    {
        self::member('alice');
        self::visitor()->get('/force.php?id=66');
        $listed = self::operator()->get(self::path(['view' => 'sessions', 'who' => 'users', 'order' => 'user']));
        $users = self::texts($listed, '//tbody//bdi[not(@title)]');
        self::assertContains('alice', $users);
        self::assertContains('<img src=x onerror=alert(1)>', $users, 'also the name is only text');
        self::visitor()->get('/store.php?calls=' . rawurlencode('[["endUser",[66]]]'));
    }

    public function testSearchAndFilters(): void
    {
        self::member('alice');
        self::member('bob');
        $operator = self::operator();
        $rows = static fn (array $parameters): int => count(self::find($operator->get(self::path(['view' => 'sessions'] + $parameters)), '//tbody/tr'));
        self::assertSame(1, $rows(['user' => '1']));
        self::assertSame(2, $rows(['who' => 'users']));
        self::assertSame(2, $rows(['who' => 'users', 'network' => '127.0.0.0/8']));
        self::assertSame(0, $rows(['who' => 'users', 'network' => '10.0.0.0/8']));
        self::assertSame(0, $rows(['who' => 'users', 'idle' => '3600']));
        self::assertSame(0, $rows(['who' => 'users', 'larger' => '10240']));
        self::assertSame(2, $rows(['who' => 'users', 'page' => '99999999999999999999']), 'past the end is the last page');
        self::assertSame(2, $rows(['who' => 'users', 'page' => '-1']));
        $wrong = $operator->get(self::path(['view' => 'sessions', 'network' => '10.0.0.0/99']));
        self::assertSame(400, $wrong->status);
        self::assertSame(['That is neither an address nor a network, such as 10.0.0.0/8 or 2001:db8::/32.'], self::texts($wrong, "//p[@role='alert']"));
        $none = $operator->get(self::path(['view' => 'sessions', 'search' => 'nothing is called so']));
        self::assertSame(['No session matches'], self::texts($none, '//h2[not(@id)]'));
    }

    public function testPagesNearTheEndAreTheSameFromBothSides(): void
    {
        for ($visitors = 0; $visitors < 123; ++$visitors) {
            self::visitor()->get('/steps.php?do=set');
        }
        $operator = self::operator();
        $handles = static fn (array $parameters): array => self::texts(
            $operator->get(self::path(['view' => 'sessions', 'who' => 'guests', 'order' => 'created'] + $parameters)),
            '//tbody//code'
        );
        $first = $operator->get(self::path(['view' => 'sessions', 'who' => 'guests', 'order' => 'created']));
        [$last] = self::find($first, "//nav[@class='pages']/a[.='Last']");
        self::assertMatchesRegularExpression('/hf_page=3&hf_of=(\d+)$/D', $last->getAttribute('href'));
        $of = (int) substr(strrchr($last->getAttribute('href'), '='), 1);
        $all = [];
        foreach ([1, 2, 3] as $page) {
            $onPage = $handles(['page' => $page]);
            self::assertSame($onPage, $handles(['page' => $page, 'of' => $of]), "page $page");
            array_push($all, ...$onPage);
        }
        self::assertCount($of, array_unique($all));
        self::assertCount($of - 100, $handles(['page' => 9, 'of' => $of]), 'past the end is the last page');
        self::assertCount(50, $handles(['page' => 2, 'of' => 5]), 'also where there were fewer');
    }

    public function testFormsKeepWhatTheAddressSays(): void
    {
        $listed = self::operator()->get(self::path(['view' => 'sessions', 'order' => 'bytes', 'direction' => 'up', 'search' => 'a b']));
        $fields = self::fields($listed, "//form[@role='search']");
        self::assertSame(['sessions', 'bytes', 'up', 'a b'], [$fields['hf_view'], $fields['hf_order'], $fields['hf_direction'], $fields['hf_search']]);
    }

    public function testListsInPlaceOfTextsAreNothing(): void
    {
        $answer = self::operator()->send(new Request('/admin.php?hf_view[]=sessions&hf_search[a]=b&hf_page[]=2'));
        self::assertSame(200, $answer->status);
    }
}
