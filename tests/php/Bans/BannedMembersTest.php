<?php

declare(strict_types=1);

namespace Holdfast\Tests\Bans;

use Holdfast\Tests\Userdata\UserdataTestCase;

/**
 * Issue 5, 1 and 5: what a member may whose address is banned.
 */
final class BannedMembersTest extends UserdataTestCase
{
    protected static function settings(): array
    {
        return ['holdfast.banned_ips' => '127.0.0.1'] + parent::settings();
    }

    /** @return array<string, mixed> */
    private function as(int $group): array
    {
        $this->members(['group_id' => $group, 'can_search' => 'y', 'can_view_online_system' => 'y', 'can_fly' => 'y']);
        [$all, $own] = $this->ask($this->member(), ['all_userdata'], ['userdata', 'can_fly']);
        self::assertSame($all['can_fly'], $own);
        return array_intersect_key($all, array_flip(['group_id', 'is_banned', 'can_search', 'can_view_online_system', 'can_fly']));
    }

    public function testNobodyMayAnythingFromABannedAddress(): void
    {
        foreach ([2, 4, 5, 17] as $group) {
            self::assertEquals(
                ['group_id' => $group, 'is_banned' => 1, 'can_search' => 'n', 'can_view_online_system' => 'n', 'can_fly' => 'n'],
                $this->as($group)
            );
        }
        $guest = $this->ask(self::visitor(), ['all_userdata'], ['userdata', 'can_fly']);
        self::assertSame([1, 'n', 'n'], [$guest[0]['is_banned'], $guest[0]['can_view_online_system'], $guest[1]]);
    }

    public function testASuperadminIsNeverBanned(): void
    {
        self::assertEquals(
            ['group_id' => 1, 'is_banned' => 0, 'can_search' => 'y', 'can_view_online_system' => 'y', 'can_fly' => 'y'],
            $this->as(1)
        );
    }
}
