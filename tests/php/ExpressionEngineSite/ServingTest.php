<?php

declare(strict_types=1);

namespace Holdfast\Tests\ExpressionEngineSite;

/**
 * What the add-on answers is what ExpressionEngine would have.
 */
final class ServingTest extends EeSiteTestCase
{
    /** What a member's session, and what they may, is read from and written to. */
    private const OF_SESSIONS = '/exp_(sessions|members|member_data|members_roles|permissions|role_settings|role_groups|roles_role_groups|member_fields)\b/';

    public function testPagesAfterTheFirstAskTheDatabaseNothingAboutTheSession(): void
    {
        $member = null;
        $visitor = $this->served($member);
        $asked = self::asked(static fn () => $visitor->page('who'));
        self::assertNotSame([], $asked);
        self::assertSame([], array_values(preg_grep(self::OF_SESSIONS, $asked)));
        self::assertSame((string) $member['id'], self::who($visitor->page('who')));
        self::assertStringStartsWith("Hello {$member['name']} B., member", $visitor->page('who')->body);

        $this->settings(['enabled' => 'n']);
        $asked = self::asked(static fn () => $visitor->page('who'));
        self::assertCount(7, preg_grep(self::OF_SESSIONS, $asked), implode("\n", $asked));
        self::assertCount(1, preg_grep('/^UPDATE `exp_sessions`/', $asked));
    }

    /** @return array<string, array{int}> */
    public static function roles(): array
    {
        return ['a member' => [5], 'a super admin' => [1]];
    }

    /** @dataProvider roles */
    public function testTheHtmlIsTheSame(int $role): void
    {
        $member = null;
        $visitor = $this->served($member, $role);
        $this->settings(['enabled' => 'n']);
        $visitor->page('everything');
        $stock = $visitor->page('everything');
        self::assertGreaterThanOrEqual(6, self::statements($stock));
        $this->settings(['enabled' => 'y']);
        $this->becomesServed($visitor);
        $visitor->page('everything');
        $served = $visitor->page('everything');
        self::assertSame(0, self::statements($served));
        self::assertStringContainsString("'username' => '{$member['name']}'", $stock->body);
        self::assertSame(self::timeless($stock->body), self::timeless($served->body));
    }

    public function testRolesOfEachKindAreTheSame(): void
    {
        $member = self::site()->addMember();
        self::site()->script(<<<PHP
            \$second = ee('Model')->make('Role', ['name' => 'Second', 'short_name' => 'second']);
            \$second->save();
            \$third = ee('Model')->make('Role', ['name' => 'Third', 'short_name' => 'third']);
            \$third->save();
            ee('Model')->make('Permission', ['role_id' => \$third->role_id, 'site_id' => 1, 'permission' => 'can_moderate_spam'])->save();
            \$group = ee('Model')->make('RoleGroup', ['name' => 'Group']);
            \$group->Roles = ee('Model')->get('Role', \$third->role_id)->all();
            \$group->save();
            \$member = ee('Model')->get('Member', {$member['id']})->first();
            \$member->Roles = ee('Model')->get('Role', [5, \$second->role_id])->all();
            \$member->RoleGroups = ee('Model')->get('RoleGroup', \$group->group_id)->all();
            \$member->save();
            PHP);
        $this->settings(['enabled' => 'n']);
        $visitor = new Visitor(self::site());
        $visitor->logIn($member['name']);
        $visitor->page('everything');
        $stock = $visitor->page('everything');
        foreach (['has members', 'has second', 'has third', "'can_moderate_spam' => 'y'"] as $told) {
            self::assertStringContainsString($told, $stock->body);
        }
        $this->settings(['enabled' => 'y']);
        $this->becomesServed($visitor);
        $visitor->page('everything');
        $served = null;
        $asked = self::asked(static function () use ($visitor, &$served): void {
            $served = $visitor->page('everything');
        });
        self::assertSame(0, self::statements($served));
        self::assertSame(self::timeless($stock->body), self::timeless($served->body));
        // Nor does the rest of the page ask for what was kept.
        self::assertSame([], array_values(preg_grep('/FROM \(`exp_(roles_role_groups|members_role_groups|members_roles|role_groups|role_settings|permissions)/', $asked)));
        self::assertSame([], array_values(preg_grep('/LEFT JOIN `exp_(roles_role_groups|members_role_groups|members_roles)/', $asked)));
    }

    public function testTheMemberIsAModelThatCanBeSaved(): void
    {
        $member = null;
        $visitor = $this->served($member);
        $said = self::inPage($visitor, <<<'PHP'
            $member = ee()->session->getMember();
            $member->set(['signature' => 'in the margin']);
            $member->save();
            echo get_class($member), ' ', $member->Session->count(), ' ', $member->AuthoredChannelEntries->count(), ' ', ee()->session->userdata('can_access_cp') ?: 'no';
            PHP);
        self::assertSame('ExpressionEngine\Model\Member\Member 1 0 no', $said);
        $row = self::site()->pdo()->query("SELECT * FROM exp_members WHERE member_id = {$member['id']}")->fetch(\PDO::FETCH_ASSOC);
        self::assertSame('in the margin', $row['signature']);
        self::assertTrue(password_verify(EeSite::PASSWORD, $row['password']));
    }

    /** Hashes of passwords, keys and session ids are not for whoever reads the store. */
    public function testSecretsDontLieOpenInTheStore(): void
    {
        $member = null;
        $visitor = $this->served($member);
        $row = self::site()->pdo()->query("SELECT * FROM exp_members WHERE member_id = {$member['id']}")->fetch(\PDO::FETCH_ASSOC);
        $store = (string) file_get_contents(self::site()->path('sessions'));
        self::assertStringContainsString("{$member['name']}@example.org", $store, 'this is the store');
        foreach (['password', 'unique_id', 'crypt_key'] as $secret) {
            self::assertNotSame('', $row[$secret]);
            self::assertStringNotContainsString($row[$secret], $store, $secret);
        }
        self::assertStringNotContainsString($visitor->browser->cookies['exp_sessionid'], $store);
    }

    public function testActionsAreServedAndTheControlPanelIsNot(): void
    {
        $visitor = new Visitor(self::site());
        $visitor->logInToControlPanel();
        $this->becomesServed($visitor);
        // An action that answers without a page of its own.
        self::assertSame(0, self::statements($visitor->get(self::site()->action('Pro', 'setCookie'))));
        $panel = $visitor->get('/admin.php?/cp/homepage');
        self::assertSame(200, $panel->status);
        self::assertGreaterThanOrEqual(6, self::statements($panel));
        self::assertSame('1', self::who($panel));
        self::assertSame(0, self::statements($visitor->page('who')), 'the control panel takes nothing away');
    }

    public function testWhoIsNobodyGetsNothing(): void
    {
        $visitor = new Visitor(self::site());
        $visitor->page('who');
        $page = $visitor->page('who');
        self::assertSame(EeSite::GUEST, self::who($page));
        self::assertSame([], preg_grep('/holdfast/', array_keys($visitor->browser->cookies)));
    }

    /** The record of what has changed is made by somebody's request, and is nobody's cookie. */
    public function testTheOnlyCookieIsTheVisitors(): void
    {
        self::site()->serveWithEmptyStore();
        $visitor = $this->served();
        self::assertSame(['exp_holdfast'], array_values(preg_grep('/holdfast/', array_keys($visitor->browser->cookies))));
        self::site()->serveAsBefore();
    }

    public function testARememberedLoginIsServedWithoutAskingForIt(): void
    {
        $member = self::site()->addMember();
        $visitor = new Visitor(self::site());
        $visitor->logIn($member['name'], remember: true);
        self::assertArrayHasKey('exp_remember', $visitor->browser->cookies);
        $this->becomesServed($visitor);
        $asked = self::asked(static fn () => $visitor->page('who'));
        self::assertSame([], array_values(preg_grep('/exp_(sessions|members|remember_me)\b/', $asked)));

        // Nobody else has this cookie.
        $visitor->browser->cookies['exp_remember'] = str_repeat('0', 40);
        self::assertGreaterThanOrEqual(6, self::statements($visitor->page('who')));
        self::assertArrayNotHasKey('exp_remember', $visitor->browser->cookies);
    }

    /** Lost its session, kept its remembered login: ExpressionEngine begins a session, and that is served. */
    public function testARememberedLoginThatComesBackIsServedFromTheNextPageOn(): void
    {
        $member = self::site()->addMember();
        $visitor = new Visitor(self::site());
        $visitor->logIn($member['name'], remember: true);
        $this->becomesServed($visitor);
        unset($visitor->browser->cookies['exp_sessionid']);
        $page = $visitor->page('who');
        self::assertSame((string) $member['id'], self::who($page));
        self::assertGreaterThan(0, self::statements($page));
        $this->becomesServed($visitor);
    }

    public function testTheTrackerGoesOn(): void
    {
        $visitor = $this->served();
        $visitor->page('everything');
        $visitor->page('who');
        self::assertSame(0, self::statements($visitor->page('run')));
        $tracker = json_decode(urldecode($visitor->browser->cookies['exp_tracker']), true);
        self::assertSame(['site/run', 'site/who', 'site/everything'], \array_slice(array_values($tracker), 0, 3));
    }

    /** The site's own current session of Holdfast's is not one of the add-on's. */
    public function testTheSitesOwnSessionIsTheCurrentOne(): void
    {
        $visitor = $this->served();
        self::assertSame('holdfast', self::inPage($visitor, 'echo Holdfast\Session::current()->getCookieName();'));
    }

    /** What a page shows but for what goes on from page to page: the tracker, and the time behind the addresses of scripts. */
    private static function timeless(string $html): string
    {
        return (string) preg_replace(["/'tracker' => *\n? *array \(.*?\),/s", '/(\?v=[\d.]+-)\d+/'], ['', '$1'], $html);
    }
}
