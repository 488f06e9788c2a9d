<?php

declare(strict_types=1);

namespace Holdfast\Tests\ExpressionEngineSite;

use Holdfast\Tests\Wait;

/**
 * That a member is here is in the database, in one statement for many pages.
 */
final class ActivityTest extends EeSiteTestCase
{
    public function testManyPagesAreWrittenAsOne(): void
    {
        $member = null;
        $visitor = $this->served($member);
        $this->age($member['id'], 50);
        $before = $this->lastActivity($member['id']);
        $asked = self::asked(static function () use ($visitor): void {
            for ($page = 0; $page < 20; ++$page) {
                $visitor->page('who');
            }
        });
        self::assertSame([], array_values(preg_grep('/UPDATE `?exp_(sessions|members)/', $asked)));
        self::assertSame($before, $this->lastActivity($member['id']));

        $this->settings(['activity' => 1]);
        $written = [];
        Wait::until(function () use ($visitor, &$written): bool {
            $page = null;
            $written = preg_grep('/exp_(sessions|members|permissions)\b/', self::asked(static function () use ($visitor, &$page): void {
                $page = $visitor->page('who');
            }));
            return $written !== [] || self::statements($page) > 0;
        }, 'the activity is written', static fn (): string => self::site()->log());
        self::assertCount(1, $written, implode("\n", $written));
        self::assertStringStartsWith('UPDATE `exp_sessions` SET `last_activity` = ', end($written));
        self::assertGreaterThan($before, $this->lastActivity($member['id']));
        self::assertSame((string) $member['id'], self::who($visitor->page('who')));
    }

    /** Each page, where that is wished: and nothing else is asked. */
    public function testEveryPageIsWrittenWhenThatIsSet(): void
    {
        $member = null;
        $visitor = $this->served($member);
        $this->settings(['activity' => 0]);
        for ($page = 0; $page < 3; ++$page) {
            $this->age($member['id'], 1000);
            self::assertSame(1, self::statements($visitor->page('who')));
            self::assertGreaterThan(time() - 100, $this->lastActivity($member['id']));
        }
    }

    /** Who was logged out by hand in the database is so at the next write. */
    public function testTheWriteFindsOutThatTheSessionIsGone(): void
    {
        $member = null;
        $visitor = $this->served($member);
        self::site()->pdo()->exec("DELETE FROM exp_sessions WHERE member_id = {$member['id']}");
        $this->settings(['activity' => 0]);
        self::assertSame(EeSite::GUEST, self::who($visitor->page('who')));
    }

    /** ExpressionEngine writes a member's last activity every five minutes, and the last visit when somebody comes back. */
    public function testTheMembersLastActivityIsWrittenByExpressionEngine(): void
    {
        $member = null;
        $visitor = $this->served($member);
        self::site()->pdo()->exec("UPDATE exp_members SET last_activity = last_activity - 400 WHERE member_id = {$member['id']}");
        // The next page that asks finds that it is time, and what it keeps is what it has written.
        self::inPage($visitor, "ee()->db->update('members', ['signature' => 'x'], ['member_id' => {$member['id']}]);");
        $told = fn (): int => (int) self::inPage($visitor, 'echo ee()->session->userdata("last_activity");');
        self::assertLessThan(time() - 300, $told());
        $written = (int) self::site()->pdo()->query("SELECT last_activity FROM exp_members WHERE member_id = {$member['id']}")->fetchColumn();
        self::assertGreaterThan(time() - 100, $written);
        $this->becomesServed($visitor);
        self::assertSame($written, $told());
    }

    /** The first page of a visit writes that there was one, and the next ones show it. */
    public function testTheLastVisitIsTheOneThatWasWritten(): void
    {
        $this->served();
        $member = self::site()->addMember();
        foreach (['never here' => '0', 'here long ago' => '1700000000'] as $when => $last) {
            self::site()->pdo()->exec("UPDATE exp_members SET last_visit = $last, last_activity = $last WHERE member_id = {$member['id']}");
            $visitor = new Visitor(self::site());
            $visitor->logIn($member['name']);
            self::site()->pdo()->exec("UPDATE exp_members SET last_visit = $last, last_activity = $last WHERE member_id = {$member['id']}");
            $first = $visitor->page('who');
            self::assertSame(0, self::statements($visitor->page('who')), "$when, first: " . self::who($first) . ', ' . self::statements($first));
            $written = self::site()->pdo()->query("SELECT CONCAT(last_visit, ' ', last_activity) FROM exp_members WHERE member_id = {$member['id']}")->fetchColumn();
            $show = 'echo ee()->session->userdata("last_visit"), " ", ee()->session->userdata("last_activity"), " ", ee()->session->getMember()->last_visit, " ", ee()->session->getMember()->last_activity;';
            self::assertSame("$written $written", self::inPage($visitor, $show), $when);
        }
    }

    /** Another device of the same member sees it, as it would without the add-on. */
    public function testAnotherDeviceSeesTheMembersLastActivity(): void
    {
        $member = null;
        $one = $this->served($member);
        $other = $this->served($member);
        $this->becomesServed($one);
        self::site()->pdo()->exec("UPDATE exp_members SET last_activity = last_activity - 400 WHERE member_id = {$member['id']}");
        unset($one->browser->cookies['exp_holdfast']);
        $one->page('who');
        $written = (string) self::site()->pdo()->query("SELECT last_activity FROM exp_members WHERE member_id = {$member['id']}")->fetchColumn();
        self::assertSame($written, self::inPage($other, 'echo ee()->session->userdata("last_activity");'));
        self::assertSame(0, self::statements($one->page('who')), 'what the page wrote itself is no change to what it kept');
    }

    private function lastActivity(int $member): int
    {
        return (int) self::site()->pdo()->query("SELECT MAX(last_activity) FROM exp_sessions WHERE member_id = $member")->fetchColumn();
    }

    /** As if the session had been written so many seconds ago. */
    private function age(int $member, int $seconds): void
    {
        self::site()->pdo()->exec("UPDATE exp_sessions SET last_activity = last_activity - $seconds WHERE member_id = $member");
    }
}
