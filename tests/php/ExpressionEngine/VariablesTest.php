<?php

declare(strict_types=1);

namespace Holdfast\Tests\ExpressionEngine;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Userdata\UserdataTestCase;

/**
 * Each variable of the lists in ExpressionEngine's User Guide, by its name, over HTTP.
 */
final class VariablesTest extends UserdataTestCase
{
    /** Of a guest, and by that the type; a variable that the guide calls `y`/`n` and that is not here is `n`. */
    private const GUEST = [
        'username' => '',
        'screen_name' => '',
        'email' => '',
        'language' => 'english',
        'timezone' => 'UTC',
        'time_format' => 'us',
        'group_id' => 3,
        'is_banned' => 0,
        'channel_id' => 0,
        'tmpl_group_id' => 0,
        'member_id' => 0,
        'last_visit' => 0,
        'total_entries' => 0,
        'total_comments' => 0,
        'total_forum_posts' => 0,
        'total_forum_topics' => 0,
        'total_forum_replies' => 0,
        'last_forum_post_date' => 0,
        'profile_theme' => '',
        'forum_theme' => '',
        'private_messages' => 0,
        'display_signatures' => 'y',
        'display_avatars' => 'y',
        'display_photos' => 'y',
        'last_email_date' => 0,
        'notify_by_default' => 'y',
        'ignore_list' => [],
        'group_title' => 'Guests',
        'can_view_online_system' => 'y',
        'search_flood_control' => 10,
        'session_id' => '',
        'admin_sess' => 0,
        'ip_address' => '127.0.0.1',
        'user_agent' => self::BROWSER['User-Agent'],
        'theme' => '',
        'quick_links' => '',
        'template_size' => 28,
        'assigned_channels' => [],
        'assigned_modules' => [],
        'show_sidebar' => 'y',
    ];

    /** What ExpressionEngine 7.5 has and the guide does not name. */
    private const BEYOND = ['can_debug' => 'n'];

    private const BROWSER = ['User-Agent' => 'Mosaic/1.0'];

    /** @return array<string, array{string}> */
    public static function variables(): array
    {
        return self::named(array_keys(Guide::variables()));
    }

    /** @return array<string, array{string}> */
    public static function privileges(): array
    {
        return self::named(array_filter(array_keys(Guide::variables()), static fn (string $name): bool => str_starts_with($name, 'can_')));
    }

    /** Neither the documentation nor the extension has lost one of the guide's, or has another. */
    public function testTheGuidesListsAreTheDocumentationsTableAndWhatThereIs(): void
    {
        $listed = array_keys(Guide::variables());
        self::assertCount(84, $listed);
        self::assertCount(84, array_unique($listed));
        self::assertCount(6, Guide::controlPanelVariables());
        self::assertCount(41, self::privileges());
        $all = array_column(self::documented(), 0);
        self::assertSame($listed, array_values(array_diff($all, array_keys(self::BEYOND))));
        $privileges = array_filter(self::documented(), static fn (array $variable): bool => $variable[3] === 'privilege');
        self::assertSame(array_keys(self::privileges()), array_column($privileges, 0));
        self::assertSame($all, array_keys($this->ask(self::visitor(), ['all_userdata'])[0]));
        foreach (self::documented() as [$name, $type, $guest]) {
            self::assertSame(self::isFlag($name) ? 'y/n' : get_debug_type(self::guest($name)), $type, $name);
            if (!in_array($name, ['session_id', 'ip_address', 'user_agent'], true)) {
                self::assertSame(self::guest($name), $guest, $name);
            }
        }
    }

    /** @dataProvider variables */
    public function testUserdataOfAGuest(string $name): void
    {
        $visitor = self::visitor();
        foreach ([1, 2] as $request) {
            self::assertSame(self::guest($name), $this->three($visitor, $name));
        }
        self::assertSame([], $visitor->cookies);
        self::assertSame([], $this->calls());
    }

    /** @dataProvider variables */
    public function testUserdataOfAMember(string $name): void
    {
        foreach (self::isFlag($name) ? [['y', 'n'], ['n', 'y']] : [['n', 'y']] as [$flag, $others]) {
            $given = self::given($name, $flag, $others);
            $this->members($given);
            $visitor = $this->member();
            self::assertSame(['findByName', 'verifyPassword', 'getMemberVersion', 'getMemberData'], $this->calls());
            $expected = match ($name) {
                'member_id' => 1,
                'is_banned', 'admin_sess' => 0,
                'session_id' => $visitor->cookies['holdfast'],
                'ip_address', 'user_agent' => self::GUEST[$name],
                default => $given[$name],
            };
            self::assertSame($expected, $this->three($visitor, $name));
            self::assertSame($expected, $this->three($visitor, $name), 'at a later request');
            self::assertSame($expected, $this->three($visitor, $name, 'none'), 'and in one without a provider');
            self::assertSame([], $this->calls(), 'nobody was asked again');
        }
    }

    /** "If a user has a group_id of 1, then they can access anything, no matter the other settings." @dataProvider privileges */
    public function testASuperadminHasThePrivilege(string $name): void
    {
        self::assertSame('y', $this->of(1, $name, 'n'));
    }

    /** @dataProvider privileges */
    public function testABannedMemberHasNotThePrivilege(string $name): void
    {
        self::assertSame('n', $this->of(2, $name, 'y'));
    }

    /** @dataProvider privileges */
    public function testAPendingMemberHasThePrivilegeAsAGuest(string $name): void
    {
        $not = self::guest($name) === 'y' ? 'n' : 'y';
        self::assertSame(self::guest($name), $this->of(4, $name, $not));
    }

    /** @dataProvider privileges */
    public function testAMemberOfAnotherGroupHasThePrivilegeAsTheProviderSays(string $name): void
    {
        foreach ([3, 5, 6] as $group) {
            self::assertSame(['y', 'n'], [$this->of($group, $name, 'y'), $this->of($group, $name, 'n')], "group $group");
        }
    }

    public function testIsBannedAndAssignedModulesAreTheGroups(): void
    {
        $seen = [];
        foreach ([1, 2, 3, 4, 5, 6] as $group) {
            $this->members(['group_id' => $group, 'assigned_modules' => [7 => 1]]);
            $member = $this->member();
            $seen[$group] = [$this->three($member, 'is_banned'), $this->three($member, 'assigned_modules')];
        }
        $usual = [0, [7 => 1]];
        self::assertSame([1 => [0, []], 2 => [1, [7 => 1]], 3 => $usual, 4 => $usual, 5 => $usual, 6 => $usual], $seen);
    }

    /** Of alice, when her group and this privilege are so, and the other privileges the opposite. */
    private function of(int $group, string $privilege, string $flag): mixed
    {
        $data = array_fill_keys(array_keys(self::privileges()), $flag === 'y' ? 'n' : 'y');
        $this->members(['group_id' => $group, $privilege => $flag] + $data);
        return $this->three($this->member(), $privilege);
    }

    /** A visitor who is logged in with the browser of all these requests. */
    protected function member(string $name = 'alice'): Browser
    {
        $visitor = self::visitor();
        $request = $this->request([['login', $name, self::PASSWORDS[$name]]], headers: self::BROWSER);
        self::assertSame([$name], array_column(self::said($visitor->send($request))['results'], 'name'));
        return $visitor;
    }

    /** What `userdata($name)`, the property and `all_userdata()` give in one request: the same. */
    private function three(Browser $visitor, string $name, string $provider = 'members'): mixed
    {
        $calls = [['userdata', $name], ['userdata', $name, 'a default'], ['->userdata'], ['all_userdata']];
        [$value, $again, $property, $all] = self::said($visitor->send($this->request($calls, $provider, self::BROWSER)))['results'];
        self::assertSame([$value, $value, $value], [$again, $property[$name], $all[$name]]);
        return $value;
    }

    /** @return array<string, mixed> data of a member: no two variables have the same, but for the flags */
    private static function given(string $name, string $flag, string $others): array
    {
        $data = [];
        foreach (array_keys(Guide::variables()) as $number => $each) {
            $guest = self::guest($each);
            $data[$each] = match (true) {
                $each === $name && self::isFlag($each) => $flag,
                self::isFlag($each) => $others,
                is_int($guest) => 1000 + $number,
                is_array($guest) => [2000 + $number => $number],
                default => "its_$each",
            };
        }
        return $data;
    }

    private static function guest(string $name): mixed
    {
        return self::GUEST[$name] ?? self::BEYOND[$name] ?? (self::isFlag($name) ? 'n' : null);
    }

    /** The guide does not say it of one of them. */
    private static function isFlag(string $name): bool
    {
        return isset(self::BEYOND[$name]) || $name === 'notify_by_default' || Guide::isFlag($name);
    }

    /**
     * @param array<string> $names
     * @return array<string, array{string}>
     */
    private static function named(array $names): array
    {
        return array_map(static fn (string $name): array => [$name], array_combine($names, $names));
    }
}
