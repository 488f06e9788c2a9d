<?php

declare(strict_types=1);

namespace Holdfast\Tests\Members;

use Holdfast\Tests\Browser\Browser;

/**
 * Issue 5, 1: "A page of a member that reads ten variables and three privileges makes no query: shown by a query log of the real
 * database", and "changing a member's role takes effect at that member's next request, on all that member's sessions".
 */
final class QueriesTest extends MembersSiteTestCase
{
    private const TEN_VARIABLES = [
        'username' => 'alice', 'screen_name' => 'alice', 'email' => 'a@example.org', 'language' => 'english',
        'timezone' => 'Europe/Zurich', 'time_format' => 'us', 'group_id' => self::EDITORS, 'group_title' => 'Editors',
        'total_entries' => 7, 'accept_messages' => 'y',
    ];
    private const THREE_PRIVILEGES = ['can_access_cp' => 'y', 'can_access_publish' => 'y', 'can_access_admin' => 'n'];

    /** @dataProvider servers */
    public function testAPageThatReadsTenVariablesAndThreePrivilegesMakesNoQuery(string $kind): void
    {
        $this->membersIn($kind);
        $visitor = null;
        $login = $this->queriesOf(function () use (&$visitor): void {
            $visitor = $this->loggedIn('alice');
        });
        self::assertSame('connection', $login[0], 'the log tells of the login');
        self::assertCount(4, preg_grep('/^SELECT/', $login), 'who, the password, the version, the data: ' . implode("\n", $login));
        self::assertCount(2, preg_grep('/JOIN/', $login));

        $expected = self::TEN_VARIABLES + self::THREE_PRIVILEGES;
        $reads = array_map(static fn (string $name): array => ['userdata', $name], array_keys($expected));
        for ($page = 1; $page <= 3; ++$page) {
            self::assertSame([], $this->queriesOf(function () use ($visitor, $reads, $expected): void {
                self::assertSame(array_values($expected), $this->ask($visitor, ...$reads));
            }), 'not even a connection');
        }
        self::assertSame([], $this->queriesOf(fn () => $this->ask($visitor, ['all_userdata'], ['get_language'], ['isLoggedin'])));
        self::assertSame(['connection'], $this->queriesOf(function () use ($visitor, $reads, $expected): void {
            $page = self::said($visitor->send($this->request($reads, ['connect' => 'at once'])));
            self::assertSame(array_values($expected), $page['results']);
        }), 'a page that connects by itself');
    }

    /** @dataProvider servers */
    public function testAMembersRoleChangesAtTheNextRequestOfEachOfTheirSessions(string $kind): void
    {
        $this->membersIn($kind);
        $sessions = [$this->loggedIn('alice'), $this->loggedIn('alice'), $this->loggedIn('alice')];
        $bob = $this->loggedIn('bob');
        $before = [self::EDITORS, 'Editors', 'y', 'n'];
        foreach ([...$sessions, $bob] as $session) {
            self::assertSame($before, $this->roleOf($session));
        }
        $admin = $this->loggedIn('carol');
        self::assertSame(['alice'], $this->ask($admin, ['members.setMemberRole', ['user' => $this->ids['alice']], 5, 'the session']));

        foreach ($sessions as $session) {
            $this->assertAskedOnce($session, [5, 'Members', 'n', 'y']);
        }
        self::assertSame([], $this->queriesOf(fn () => self::assertSame($before, $this->roleOf($bob))), 'bob is as he was');
    }

    /** @dataProvider servers */
    public function testARolesPrivilegesChangeForAllItsMembersAndNobodyElse(string $kind): void
    {
        $this->membersIn($kind);
        $sessions = [$this->loggedIn('alice'), $this->loggedIn('alice'), $this->loggedIn('bob')];
        $carol = $this->loggedIn('carol');
        foreach ($sessions as $session) {
            self::assertSame('y', $this->roleOf($session)[2]);
        }
        $admin = $this->loggedIn('carol');
        $this->ask($admin, ['roles.setPrivileges', self::EDITORS, ['can_view_profiles'], 'the session']);

        foreach ($sessions as $session) {
            $this->assertAskedOnce($session, [self::EDITORS, 'Editors', 'n', 'y']);
        }
        self::assertSame([], $this->queriesOf(fn () => self::assertSame([5, 'Members', 'n', 'y'], $this->roleOf($carol))), 'carol is as she was');
    }

    /** Who was never given a role has no row in the members' table, and is one of the Members. */
    public function testThePrivilegesOfMembersChangeForThoseWithoutARowToo(): void
    {
        $this->membersIn(self::servers()['MariaDB'][0]);
        $carol = $this->loggedIn('carol');
        $alice = $this->loggedIn('alice');
        $this->forgetMember('carol');
        self::assertSame([5, 'Members', 'n', 'y'], $this->roleOf($carol));
        $this->ask($alice, ['roles.setPrivileges', 5, ['can_access_cp'], 'the session']);
        $this->assertAskedOnce($carol, [5, 'Members', 'y', 'n']);
    }

    /** @dataProvider servers */
    public function testAMembersDataChangeAtTheNextRequestToo(string $kind): void
    {
        $this->membersIn($kind);
        $alice = $this->loggedIn('alice');
        $phone = $this->loggedIn('alice');
        // In the request that changes them, at once.
        self::assertSame(['a@example.org', 'alice', 'b@example.org'], $this->ask(
            $alice,
            ['userdata', 'email'],
            ['members.setMemberData', ['user' => $this->ids['alice']], ['email' => 'b@example.org', 'total_entries' => 8], 'the session'],
            ['userdata', 'email']
        ));
        self::assertSame(['b@example.org', 8, 'Europe/Zurich'], $this->ask($phone, ['userdata', 'email'], ['userdata', 'total_entries'], ['userdata', 'timezone']));
        $this->ask($alice, ['members.rename', ['user' => $this->ids['alice']], 'Alicia', 'the session']);
        self::assertSame(['Alicia'], $this->ask($phone, ['userdata', 'username']));
    }

    /** @dataProvider servers */
    public function testTheCommandChangesAMembersRoleForTheirSessionsToo(string $kind): void
    {
        $this->membersIn($kind);
        $sessions = [$this->loggedIn('alice'), $this->loggedIn('alice')];
        $bob = $this->loggedIn('bob');
        self::assertSame([0, 'User alice has the role Members.'], $this->command('role', 'Alice', 'Members'));
        foreach ($sessions as $session) {
            $this->assertAskedOnce($session, [5, 'Members', 'n', 'y']);
        }
        self::assertSame([0, 'User alice has the role Editors.'], $this->command('role', 'alice', (string) self::EDITORS));
        self::assertSame([self::EDITORS, 'Editors', 'y', 'n'], $this->roleOf($sessions[0]));
        self::assertSame([], $this->queriesOf(fn () => $this->roleOf($bob)));

        self::assertSame([0, "1\tSuper Admin\n2\tBanned\n3\tGuests\n4\tPending\n5\tMembers\n6\tEditors"], $this->command('roles'));
        foreach ([
            [6, 'There is no role Editor:', ['role', 'alice', 'Editor']], [6, 'There is no role 7:', ['role', 'alice', '7']],
            [4, 'There is no user named dora.', ['role', 'dora', 'Members']], [2, 'role takes one name and one role', ['role', 'alice']],
            [1, 'install-members', ['roles', '--roles=others']], [2, "The name of the members' table", ['role', '--members=a b', 'alice', '5']],
            [2, 'store', ['role', '--store=nowhere', 'alice', '5']],
            [7, "User alice has the role Members, but the sessions can't be told", ['role', '--store=shared:///nowhere/at/all', 'alice', '5']],
        ] as [$code, $reason, $arguments]) {
            [$status, $said] = $this->command(...$arguments);
            self::assertSame($code, $status, $said);
            self::assertStringContainsString($reason, $said);
        }
        [$first, $second] = $this->ask(self::visitor(), ['roles.create', 'Twice'], ['roles.create', 'Twice']);
        [$status, $said] = $this->command('role', 'alice', 'Twice');
        self::assertSame(2, $status, $said);
        self::assertStringContainsString('Several roles are named Twice', $said);
        self::assertNotSame($first['id'], $second['id']);
        self::assertSame('Editors', $this->roleOf($sessions[0])[1], 'not told');
        self::assertSame(0, $this->command('role', 'alice', '5')[0]);
        self::assertSame('Members', $this->roleOf($sessions[0])[1], 'called again, told');

        self::assertSame([0, 'The tables users, members, roles are there.'], $this->command('install-members'));
        self::assertSame([0, "User alice, id {$this->ids['alice']}, is deleted."], $this->command('delete', 'alice'));
        $this->assertNoMember('alice');
    }

    /** @param list<mixed> $expected of roleOf() */
    private function assertAskedOnce(Browser $session, array $expected): void
    {
        $asked = $this->queriesOf(fn () => self::assertSame($expected, $this->roleOf($session)));
        self::assertSame('connection', $asked[0]);
        self::assertCount(3, preg_grep('/^SELECT/', $asked), 'who, the version, the data: ' . implode("\n", $asked));
        self::assertSame([], $this->queriesOf(fn () => self::assertSame($expected, $this->roleOf($session))), 'asked once');
    }

    /** @return list<mixed> */
    private function roleOf(Browser $session): array
    {
        $names = ['group_id', 'group_title', 'can_access_cp', 'can_view_profiles'];
        return $this->ask($session, ...array_map(static fn (string $name): array => ['userdata', $name], $names));
    }
}
