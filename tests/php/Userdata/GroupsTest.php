<?php

declare(strict_types=1);

namespace Holdfast\Tests\Userdata;

/**
 * Issue 5, 1: what a group decides, whatever else the data of a member say.
 */
final class GroupsTest extends UserdataTestCase
{
    /** @return array<string, mixed> of a member of this group all of whose privileges are the same */
    private function as(int $group, string $privileges): array
    {
        $data = ['group_id' => $group, 'assigned_modules' => [7 => 1], 'can_fly' => $privileges];
        foreach (self::privileges() as $name => $default) {
            $data[$name] = $privileges;
        }
        $this->members($data);
        [$all, $own] = $this->ask($this->member(), ['all_userdata'], ['userdata', 'can_fly']);
        self::assertSame($all['can_fly'], $own);
        return $all;
    }

    /** @return array<string, string> the guest's privileges */
    private static function privileges(): array
    {
        $privileges = array_filter(self::documented(), static fn (array $variable): bool => $variable[3] === 'privilege');
        return array_column($privileges, 2, 0);
    }

    /** @param array<string, mixed> $all */
    private static function assertPrivileges(string $each, array $all): void
    {
        $privileges = array_filter($all, static fn (string $name): bool => str_starts_with($name, 'can_') && $name !== 'can_debug', ARRAY_FILTER_USE_KEY);
        self::assertCount(\count(self::privileges()) + 1, $privileges, 'with one of the application\'s own');
        self::assertSame([$each], array_values(array_unique($privileges)), implode(' ', array_keys($privileges, $each === 'y' ? 'n' : 'y', true)));
    }

    public function testASuperadminMayEverything(): void
    {
        $all = $this->as(1, 'n');
        self::assertPrivileges('y', $all);
        self::assertSame([], $all['assigned_modules']);
        self::assertSame(0, $all['is_banned']);
        self::assertSame(['y'], $this->ask($this->member(), ['userdata', 'can_do_what_nobody_thought_of']));
    }

    public function testTheBannedMayNothing(): void
    {
        $all = $this->as(2, 'y');
        self::assertPrivileges('n', $all);
        self::assertSame(1, $all['is_banned']);
    }

    public function testWhoWaitsForApprovalMayWhatAGuestMay(): void
    {
        $all = $this->as(4, 'y');
        self::assertSame(self::privileges(), array_intersect_key($all, self::privileges()));
        self::assertSame(['n', 0], [$all['can_fly'], $all['is_banned']]);
    }

    public function testAMemberAndOtherRolesMayWhatTheirDataSay(): void
    {
        foreach ([5, 6, 17] as $group) {
            self::assertPrivileges('y', $all = $this->as($group, 'y'));
            self::assertSame([7 => 1], $all['assigned_modules']);
            self::assertPrivileges('n', $this->as($group, 'n'));
        }
    }
}
