<?php

declare(strict_types=1);

namespace Holdfast\Tests\Audit;

/**
 * S45 for passwords that the application checks itself: as for login(), a line for each that was wrong or came too early.
 */
final class LockoutsTest extends AuditTestCase
{
    public function testS45EachWrongPasswordAndEachLockoutIsALine(): void
    {
        self::log()->news();
        self::call(self::visitor(), ['check_password_lockout', 'alice'], ['save_password_lockout', 'alice']);
        self::call(self::visitor(), ['check_password_lockout', 'alice']);
        self::call(self::visitor(), ['delete_password_lockout'], ['ban_check']);
        [$wrong] = $lines = self::log()->news();
        self::assertCount(1, $lines, 'a question alone is no event');
        self::assertSame(['login_failed', 'password'], [$wrong['event'], $wrong['reason']]);
        self::assertMatchesRegularExpression('/^[0-9a-f]{8}$/D', $wrong['name_hash']);

        self::call(self::visitor(), ...array_fill(0, 8, ['save_password_lockout', 'alice']));
        self::log()->news();
        self::call(self::visitor(), ['check_password_lockout', 'ALICE'], ['save_password_lockout', 'ALICE']);
        [$early] = $lines = self::log()->news();
        self::assertCount(1, $lines, 'what was refused is not wrong, too');
        self::assertSame(['throttle', 'login', $wrong['name_hash']], [$early['event'], $early['reason'], $early['name_hash']]);

        self::call(self::visitor(), ['save_password_lockout']);
        self::assertArrayNotHasKey('name_hash', self::log()->news()[0], 'nobody typed a name');
    }
}
