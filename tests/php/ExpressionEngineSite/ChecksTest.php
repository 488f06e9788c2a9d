<?php

declare(strict_types=1);

namespace Holdfast\Tests\ExpressionEngineSite;

use Holdfast\Tests\Browser\Response;

/**
 * Whoever ExpressionEngine would not let in by a cookie or a fingerprint, the add-on doesn't let in either.
 */
final class ChecksTest extends EeSiteTestCase
{
    public function testAnotherBrowserWithTheCookiesIsNobody(): void
    {
        $member = null;
        $visitor = $this->served($member);
        $thief = new Visitor(self::site(), 'Mozilla/5.0 (stolen)');
        $thief->browser->cookies = $visitor->browser->cookies;
        $page = $thief->page('who');
        self::assertSame(EeSite::GUEST, self::who($page));
        self::assertGreaterThan(0, self::statements($page));
        self::assertSame((string) $member['id'], self::who($visitor->page('who')));
    }

    /** ExpressionEngine keeps 120 bytes of the browser's name in the session, and makes the fingerprint of all of them. */
    public function testTheWholeNameOfTheBrowserCounts(): void
    {
        $long = 'Mozilla/5.0 ' . str_repeat('x', 120);
        $member = self::site()->addMember();
        $visitor = new Visitor(self::site(), $long . ' one');
        $visitor->logIn($member['name']);
        $this->becomesServed($visitor);
        $visitor->userAgent = $long . ' two';
        self::assertSame(EeSite::GUEST, self::who($visitor->page('who')));
    }

    public function testWhatIsKeptGivesNobodyASession(): void
    {
        $visitor = $this->served();
        $thief = new Visitor(self::site());
        $thief->browser->cookies = ['exp_holdfast' => $visitor->browser->cookies['exp_holdfast'], 'exp_sessionid' => str_repeat('a', 40)];
        self::assertSame(EeSite::GUEST, self::who($thief->page('who')));
    }

    public function testASessionIsNotServedWithWhatIsKeptOfAnother(): void
    {
        $one = $two = null;
        $first = $this->served($one);
        $second = $this->served($two);
        $first->browser->cookies['exp_holdfast'] = $second->browser->cookies['exp_holdfast'];
        $page = $first->page('who');
        self::assertSame((string) $one['id'], self::who($page));
        self::assertGreaterThanOrEqual(6, self::statements($page));
    }

    public function testASessionWithoutTheCookieOfWhatIsKeptAsksTheDatabase(): void
    {
        $member = null;
        $visitor = $this->served($member);
        unset($visitor->browser->cookies['exp_holdfast']);
        $page = $visitor->page('who');
        self::assertSame((string) $member['id'], self::who($page));
        self::assertGreaterThanOrEqual(6, self::statements($page));
        $this->becomesServed($visitor);
    }

    public function testTheFingerprintOfTheUrlIsChecked(): void
    {
        $member = self::site()->addMember();
        self::site()->configure(['website_session_type' => 'cs']);
        try {
            $visitor = new Visitor(self::site());
            $visitor->logIn($member['name']);
            $fingerprint = self::site()->pdo()->query("SELECT fingerprint FROM exp_sessions WHERE member_id = {$member['id']}")->fetchColumn();
            $page = static fn (string $s): Response => $visitor->get("/index.php?/site/who&S=$s");
            self::assertSame((string) $member['id'], self::who($page($fingerprint)));
            self::assertSame(0, self::statements($page($fingerprint)));
            self::assertSame((string) $member['id'], self::who($page($fingerprint)));
            self::assertSame(EeSite::GUEST, self::who($page(md5('another'))));
            self::assertSame(EeSite::GUEST, self::who($visitor->page('who')));
        } finally {
            self::site()->configure(['website_session_type' => 'c']);
        }
        // What was kept by one kind of session is not served as another.
        self::assertGreaterThan(0, self::statements($visitor->page('who')));
    }

    public function testSessionsByUrlAloneAreLeftToExpressionEngine(): void
    {
        $member = self::site()->addMember();
        self::site()->configure(['website_session_type' => 's']);
        try {
            $visitor = new Visitor(self::site());
            $visitor->logIn($member['name']);
            $id = self::site()->pdo()->query("SELECT session_id FROM exp_sessions WHERE member_id = {$member['id']}")->fetchColumn();
            for ($time = 0; $time < 3; ++$time) {
                $page = $visitor->get("/index.php?/site/who&S=$id");
                self::assertSame((string) $member['id'], self::who($page));
                self::assertGreaterThanOrEqual(6, self::statements($page));
            }
            self::assertSame([], preg_grep('/holdfast/', array_keys($visitor->browser->cookies)));
        } finally {
            self::site()->configure(['website_session_type' => 'c']);
        }
    }

    /** The cookie goes where ExpressionEngine's go. */
    public function testTheCookieIsAsExpressionEnginesAre(): void
    {
        $member = self::site()->addMember();
        self::site()->configure(['cookie_prefix' => 'shop', 'cookie_path' => '/index.php']);
        try {
            $visitor = new Visitor(self::site());
            $visitor->get('/index.php');
            $visitor->post(self::site()->action('Member', 'member_login'), [
                'username' => $member['name'], 'password' => EeSite::PASSWORD, 'csrf_token' => $visitor->browser->cookies['shop_csrf_token'],
            ]);
            $set = [...$visitor->page('who')->cookies(), ...$visitor->page('who')->cookies()];
            self::assertSame((string) $member['id'], self::who($visitor->page('who')));
            $cookies = array_filter($set, static fn ($cookie): bool => $cookie->name === 'shop_holdfast');
            self::assertCount(1, $cookies);
            $cookie = end($cookies);
            self::assertSame('/index.php', $cookie->attributes['path'] ?? null);
            self::assertArrayHasKey('httponly', $cookie->attributes);
        } finally {
            self::site()->configure(['cookie_prefix' => '', 'cookie_path' => '/']);
        }
    }
}
