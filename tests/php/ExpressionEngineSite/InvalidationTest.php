<?php

declare(strict_types=1);

namespace Holdfast\Tests\ExpressionEngineSite;

use Holdfast\Tests\Browser\Crowd;
use Holdfast\Tests\Browser\Request;
use Holdfast\Tests\Wait;

/**
 * What has changed is seen by the next request, whoever changed it and however.
 */
final class InvalidationTest extends EeSiteTestCase
{
    public function testALogoutEndsTheSessionInEveryBrowserThatHasIt(): void
    {
        $visitor = $this->served();
        $copy = new Visitor(self::site());
        $copy->browser->cookies = $visitor->browser->cookies;
        self::assertSame(0, self::statements($copy->page('who')));
        $visitor->logOut();
        self::assertSame(EeSite::GUEST, self::who($copy->page('who')));
        self::assertSame(EeSite::GUEST, self::who($visitor->page('who')));
    }

    public function testALogoutFromTheControlPanelDoesSo(): void
    {
        $visitor = new Visitor(self::site());
        $visitor->logInToControlPanel();
        $this->becomesServed($visitor);
        $copy = new Visitor(self::site());
        $copy->browser->cookies = $visitor->browser->cookies;
        $visitor->get('/admin.php?/cp/login/logout');
        self::assertSame(EeSite::GUEST, self::who($copy->page('who')));
    }

    public function testWhatWasKeptIsRemovedAfterALogout(): void
    {
        $member = null;
        $visitor = $this->served($member);
        $cookies = $visitor->browser->cookies;
        $visitor->logOut();
        $visitor->page('who');
        self::assertArrayNotHasKey('exp_holdfast', $visitor->browser->cookies);
        // Who has kept the cookies finds nothing by them.
        $thief = new Visitor(self::site());
        $thief->browser->cookies = $cookies;
        self::assertSame(EeSite::GUEST, self::who($thief->page('who')));
        self::assertSame('null', self::inPage($thief, 'echo json_encode(Holdfast\AddOn\Serving\Store::ofVisitor(7200)->get("kept"));'));
    }

    public function testANewPasswordByAnAdministratorEndsTheMembersSessions(): void
    {
        $member = null;
        $visitor = $this->served($member);
        $admin = $this->administrator();
        $new = 'Another-Horse-8-Battery';
        $answer = $admin->submit("/admin.php?/cp/members/profile/auth&id={$member['id']}", [
            'password' => $new, 'confirm_password' => $new, 'verify_password' => EeSite::PASSWORD,
        ]);
        self::assertSame(302, $answer->status, $answer->body);
        self::assertSame(EeSite::GUEST, self::who($visitor->page('who')));
        $visitor->logIn($member['name'], $new);
        self::assertSame((string) $member['id'], self::who($visitor->page('who')));
    }

    public function testANewPasswordOfTheMembersOwnEndsTheOtherSessionsAndIsInThisOne(): void
    {
        $member = null;
        $visitor = $this->served($member);
        $elsewhere = $this->served($member);
        $before = self::inPage($visitor, 'echo md5(ee()->session->userdata("password"));');
        self::inPage($visitor, <<<'PHP'
            ee()->load->library('auth');
            ee()->auth->update_password(ee()->session->userdata('member_id'), 'Third-Horse-9-Battery');
            PHP);
        self::assertSame(EeSite::GUEST, self::who($elsewhere->page('who')));
        self::assertSame((string) $member['id'], self::who($visitor->page('who')));
        self::assertNotSame($before, self::inPage($visitor, 'echo md5(ee()->session->userdata("password"));'));
    }

    public function testAnotherRoleFromTheControlPanelIsThereAtOnce(): void
    {
        $member = null;
        $visitor = $this->served($member);
        self::assertSame('Members no', self::inPage($visitor, $show = 'echo ee()->session->userdata("primary_role_name"), ee("Permission")->isSuperAdmin() ? " yes" : " no";'));
        $admin = $this->administrator();
        $answer = $admin->submit("/admin.php?/cp/members/profile/roles&id={$member['id']}", ['role_id' => '1', 'roles[]' => [''], 'password_confirm' => EeSite::PASSWORD]);
        self::assertSame(302, $answer->status, $answer->body);
        self::assertSame('Super Admin yes', self::inPage($visitor, $show));
        $admin->submit("/admin.php?/cp/members/profile/roles&id={$member['id']}", ['role_id' => '5', 'roles[]' => [''], 'password_confirm' => EeSite::PASSWORD]);
        self::assertSame('Members no', self::inPage($visitor, $show));
    }

    public function testAnotherRoleBesideTheFirstIsThereAtOnce(): void
    {
        $member = null;
        $visitor = $this->served($member);
        $show = 'echo implode(",", ee()->session->getMember()->getAllRoles()->pluck("role_id"));';
        self::assertSame('5', self::inPage($visitor, $show));
        $admin = $this->administrator();
        self::inPage($admin, "\$m = ee('Model')->get('Member', {$member['id']})->first(); \$m->Roles = ee('Model')->get('Role', [4, 5])->all(); \$m->save();");
        self::assertSame('4,5', self::inPage($visitor, $show));
        self::inPage($admin, "\$m = ee('Model')->get('Member', {$member['id']})->first(); \$m->Roles = null; \$m->save();");
        self::assertSame('5', self::inPage($visitor, $show));
    }

    public function testAPermissionFromTheControlPanelIsThereAtOnceForEachMemberOfTheRole(): void
    {
        $one = $this->served();
        $other = $this->served();
        $show = 'echo ee()->session->userdata("can_view_profiles") ?: "no", ee("Permission")->can("view_profiles") ? " yes" : " no";';
        self::assertSame('y yes', self::inPage($one, $show));
        $admin = $this->administrator();
        $answer = $admin->submit('/admin.php?/cp/members/roles/edit/5', ['can_view_profiles' => 'n', 'website_access[]' => ['can_view_online_system']]);
        self::assertSame(302, $answer->status, $answer->body);
        self::assertSame([], self::site()->pdo()->query("SELECT * FROM exp_permissions WHERE role_id = 5 AND permission = 'can_view_profiles'")->fetchAll());
        self::assertSame('no no', self::inPage($one, $show));
        self::assertSame('no no', self::inPage($other, $show));
        self::inPage($admin, "ee('Model')->make('Permission', ['role_id' => 5, 'site_id' => 1, 'permission' => 'can_view_profiles'])->save();");
        self::assertSame('y yes', self::inPage($one, $show));
    }

    public function testABannedMemberIsBannedAtOnce(): void
    {
        $member = null;
        $visitor = $this->served($member);
        $admin = $this->administrator();
        self::inPage($admin, "\$m = ee('Model')->get('Member', {$member['id']})->first(); \$m->role_id = 2; \$m->save();");
        self::assertSame('2 banned', self::inPage($visitor, 'echo ee()->session->userdata("role_id"), ee()->session->getMember()->isBanned() ? " banned" : " free";'));
    }

    public function testABannedAddressIsBannedAtOnce(): void
    {
        $visitor = $this->served();
        $admin = $this->administrator();
        $show = 'echo json_encode(ee()->session->userdata("is_banned"));';
        self::assertSame('false', self::inPage($visitor, $show));
        $answer = $admin->submit('/admin.php?/cp/settings/ban', ['banned_ips' => "192.0.2.7\n127.0.0.*", 'ban_action' => 'restrict']);
        self::assertSame(302, $answer->status, $answer->body);
        self::assertSame('true', self::inPage($visitor, $show));
        $answer = $admin->submit('/admin.php?/cp/settings/ban', ['banned_ips' => '', 'ban_action' => 'restrict']);
        self::assertSame(302, $answer->status, $answer->body);
        self::assertSame('false', self::inPage($visitor, $show));
    }

    public function testASecondFactorIsAskedForAtOnce(): void
    {
        $member = null;
        $visitor = $this->served($member);
        $show = 'echo json_encode([ee()->session->getMember()->enable_mfa, ee()->session->userdata("mfa_enabled"), ee()->session->userdata("mfa_flag")]);';
        self::assertSame('[false,false,"skip"]', self::inPage($visitor, $show));
        $admin = $this->administrator();
        self::inPage($admin, "\$m = ee('Model')->get('Member', {$member['id']})->first(); \$m->enable_mfa = true; \$m->save();");
        self::assertSame('[true,true,"skip"]', self::inPage($visitor, $show));
        $this->becomesServed($visitor);
        // As ExpressionEngine does with the sessions of somebody whose role needs a second factor.
        self::inPage($admin, "foreach (ee('Model')->get('Session')->filter('member_id', {$member['id']})->all() as \$s) { \$s->mfa_flag = 'show'; \$s->save(); }");
        $page = $visitor->page('who');
        self::assertStringNotContainsString('Hello', $page->body);
        self::assertStringContainsString('mfa_code', $page->body);
        self::assertGreaterThan(0, self::statements($page));
        // The dialog has set it to `required`: who goes on without the code is logged out.
        $visitor->page('who');
        self::assertSame(EeSite::GUEST, self::who($visitor->page('who')));
    }

    public function testNobodyIsServedWhoseSecondFactorIsOpen(): void
    {
        $member = self::site()->addMember();
        $visitor = new Visitor(self::site());
        $visitor->logIn($member['name']);
        self::inPage($this->administrator(), "ee()->db->update('sessions', ['mfa_flag' => 'show'], ['member_id' => {$member['id']}]);");
        $visitor->page('who');
        self::assertSame([], preg_grep('/holdfast/', array_keys($visitor->browser->cookies)));
    }

    /** The id that a session had before is dead at once, as in ExpressionEngine. */
    public function testAnIdThatWasReplacedIsDead(): void
    {
        $member = null;
        $visitor = $this->served($member);
        $old = $visitor->browser->cookies['exp_sessionid'];
        // It has been in use for longer than a session is long, and a request that asks the database finds that out.
        self::site()->pdo()->exec("UPDATE exp_sessions SET sess_start = sess_start - 8000 WHERE member_id = {$member['id']}");
        $asking = new Visitor(self::site());
        $asking->browser->cookies = ['exp_sessionid' => $old];
        self::assertSame((string) $member['id'], self::who($asking->page('who')));
        self::assertNotSame($old, $asking->browser->cookies['exp_sessionid']);

        $thief = new Visitor(self::site());
        $thief->browser->cookies = ['exp_sessionid' => $old, 'exp_holdfast' => $visitor->browser->cookies['exp_holdfast']];
        self::assertSame(EeSite::GUEST, self::who($thief->page('who')));
        $this->becomesServed($asking);
        $thief->browser->cookies = ['exp_sessionid' => $old, 'exp_holdfast' => $asking->browser->cookies['exp_holdfast']];
        self::assertSame(EeSite::GUEST, self::who($thief->page('who')), 'with what is kept of the new id');
        self::assertSame((string) $member['id'], self::who($asking->page('who')));
    }

    public function testADeletedMemberIsGone(): void
    {
        $member = null;
        $visitor = $this->served($member);
        self::inPage($this->administrator(), "ee('Model')->get('Member', {$member['id']})->delete();");
        self::assertSame(EeSite::GUEST, self::who($visitor->page('who')));
    }

    /** What is changed past all models, as ExpressionEngine does in many places itself, is seen too. */
    public function testWhatAQueryChangesIsThereAtOnce(): void
    {
        $member = null;
        $visitor = $this->served($member);
        $unconcerned = $this->served();
        $admin = $this->administrator();
        self::inPage($admin, "ee()->db->where('member_id', {$member['id']})->set('private_messages', 'private_messages + 3', false)->update('members');");
        self::assertSame('3', self::inPage($visitor, 'echo ee()->session->userdata("private_messages");'));
        // As ExpressionEngine removes old form tokens, every now and then.
        self::inPage($admin, 'ee()->db->query("DELETE sh FROM exp_security_hashes sh LEFT JOIN exp_sessions s ON s.session_id = sh.session_id WHERE s.session_id IS NULL");');
        self::assertSame(0, self::statements($unconcerned->page('who')), 'who is not concerned goes on without the database');
        self::inPage($admin, "ee('db')->query(\"UPDATE exp_members SET signature = 'WHERE member_id = 1' WHERE username = '{$member['name']}'\");");
        self::assertSame('WHERE member_id = 1', self::inPage($visitor, 'echo ee()->session->userdata("signature");'));
    }

    /** A change that others can't read yet is told again when they can. */
    public function testWhatATransactionChangesIsThereWhenItIsCommitted(): void
    {
        $member = null;
        $visitor = $this->served($member);
        $go = self::site()->path('go-' . $member['id']);
        $begun = self::site()->path('begun-' . $member['id']);
        file_put_contents(self::site()->path('transaction.php'), <<<PHP
            <?php
            ee()->db->trans_start();
            ee()->db->update('members', ['signature' => 'committed'], ['member_id' => {$member['id']}]);
            touch('$begun');
            while (!is_file('$go')) { usleep(2000); }
            ee()->db->trans_complete();
            PHP);
        file_put_contents(self::site()->path('in-page.php'), '<?php include "' . self::site()->path('transaction.php') . '";');
        $admin = $this->administrator();
        $show = 'echo ee()->session->userdata("signature") ?: "none";';
        $meanwhile = static function () use ($begun, $go, $visitor, $show): void {
            static $seen = false;
            if (!$seen && is_file($begun)) {
                $seen = true;
                self::assertSame('none', self::inPage($visitor, $show));
                self::assertSame('none', self::inPage($visitor, $show));
                touch($go);
            }
        };
        $changing = static function () use ($admin): iterable {
            yield [$admin->browser, new Request('/index.php?/site/run', headers: ['User-Agent' => $admin->userAgent])];
        };
        Crowd::run([$changing()], $meanwhile);
        self::assertSame('committed', self::inPage($visitor, $show));
    }

    public function testWhatTheCommandLineChangesIsThereAtOnce(): void
    {
        $member = null;
        $visitor = $this->served($member);
        self::site()->script("\$m = ee('Model')->get('Member', {$member['id']})->first(); \$m->screen_name = 'Änne'; \$m->save();");
        self::assertStringStartsWith('Hello Änne', $visitor->page('who')->body);
    }

    public function testTheConfigurationIsPartOfIt(): void
    {
        $visitor = $this->served();
        self::site()->configure(['default_site_timezone' => 'Europe/Zurich', 'allow_member_localization' => 'n']);
        try {
            self::assertSame('Europe/Zurich', self::inPage($visitor, 'echo ee()->session->userdata("timezone");'));
        } finally {
            self::site()->configure(['default_site_timezone' => 'UTC', 'allow_member_localization' => 'y']);
        }
    }

    /** What is changed past ExpressionEngine is seen when what is kept is too old, or when somebody says so. */
    public function testWhatNobodySeesIsServedNoLongerThanTheLongestAge(): void
    {
        $member = null;
        $visitor = $this->served($member);
        $change = fn (string $name) => self::site()->pdo()->exec("UPDATE exp_members SET screen_name = '$name' WHERE member_id = {$member['id']}");
        $change('Unseen');
        self::assertStringStartsWith("Hello {$member['name']} B.", $visitor->page('who')->body);
        $this->settings(['max_age' => 1]);
        Wait::until(
            static fn (): bool => str_starts_with($visitor->page('who')->body, 'Hello Unseen'),
            'what is kept is too old',
            static fn (): string => self::site()->log()
        );
        $this->settings(['max_age' => 300]);
        $this->becomesServed($visitor);
        $change('Forgotten');
        self::assertStringStartsWith('Hello Unseen', $visitor->page('who')->body);
        $this->administrator()->submit('/admin.php?/cp/addons/settings/holdfast', ['forget' => 'y']);
        self::assertStringStartsWith('Hello Forgotten', $visitor->page('who')->body);
    }

    /** Without a record of what has changed there is nothing to compare with, and nothing is served. */
    public function testWithoutTheRecordOfChangesNothingOldIsServed(): void
    {
        $member = null;
        $visitor = $this->served($member);
        self::inPage($visitor, '$s = unserialize(ee("db")->where("class", "Holdfast_ext")->get("extensions")->row("settings")); Holdfast\AddOn\Serving\Store::ofChanges($s["changes"])->destroy();');
        $page = $visitor->page('who');
        self::assertGreaterThanOrEqual(6, self::statements($page));
        self::assertSame((string) $member['id'], self::who($page));
        $this->becomesServed($visitor);
    }

    /** A change while there is no such record voids everything by the database. */
    public function testAChangeThatCanNotBeToldVoidsAll(): void
    {
        $member = null;
        $visitor = $this->served($member);
        $changer = $this->administrator();
        $before = self::stored()['epoch'];
        self::inPage($changer, <<<PHP
            \$s = unserialize(ee('db')->where('class', 'Holdfast_ext')->get('extensions')->row('settings'));
            Holdfast\AddOn\Serving\Store::ofChanges(\$s['changes'])->destroy();
            ee()->db->update('members', ['signature' => 'told by the database'], ['member_id' => {$member['id']}]);
            PHP);
        self::assertNotSame($before, self::stored()['epoch']);
        self::assertSame('told by the database', self::inPage($visitor, 'echo ee()->session->userdata("signature");'));
    }

    public function testNobodyStaysInAndNobodyIsThrownOutWhileManyAskAtOnce(): void
    {
        $wrong = [];
        $served = 0;
        $comesAndGoes = function (Visitor $visitor, array $member) use (&$wrong, &$served): iterable {
            $ask = static fn (string $path, ?array $fields = null, ?string $cookies = null): array => [
                $visitor->browser,
                new Request($path, $fields, $cookies, 60.0, ['User-Agent' => $visitor->userAgent]),
            ];
            $login = self::site()->action('Member', 'member_login');
            for ($round = 0; $round < 3; ++$round) {
                yield $ask('/index.php');
                yield $ask($login, [
                    'username' => $member['name'], 'password' => EeSite::PASSWORD, 'RET' => '/', 'csrf_token' => $visitor->browser->cookies['exp_csrf_token'],
                ]);
                for ($page = 0; $page < 6; ++$page) {
                    $answer = yield $ask('/index.php?/site/who');
                    $served += self::statements($answer) === 0 ? 1 : 0;
                    if (self::who($answer) !== (string) $member['id'] || !str_starts_with($answer->body, "Hello {$member['name']} B.")) {
                        $wrong[] = "{$member['name']} was taken for " . self::who($answer);
                    }
                }
                preg_match('~href="https?://[^/"]+([^"]*ACT=[^"]*)"~', $answer->body, $link);
                $cookies = $visitor->browser->cookieHeader(new Request('/'));
                yield $ask(html_entity_decode($link[1]));
                // With all the cookies from before.
                $answer = yield $ask('/index.php?/site/who', cookies: $cookies);
                if (self::who($answer) !== EeSite::GUEST) {
                    $wrong[] = "{$member['name']} has stayed in";
                }
            }
        };
        $crowd = [];
        for ($number = 0; $number < 3; ++$number) {
            $member = self::site()->addMember();
            // Each with two devices: one that logs out takes nothing from the other.
            array_push($crowd, $comesAndGoes(new Visitor(self::site(), 'one'), $member), $comesAndGoes(new Visitor(self::site(), 'two'), $member));
        }
        Crowd::run($crowd);
        self::assertSame([], $wrong);
        self::assertGreaterThan(40, $served, 'of 108 pages');
    }

    private function administrator(): Visitor
    {
        $admin = new Visitor(self::site(), 'Administrator');
        $admin->logInToControlPanel();
        return $admin;
    }
}
