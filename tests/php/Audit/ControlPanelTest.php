<?php

declare(strict_types=1);

namespace Holdfast\Tests\Audit;

/**
 * S45 for the control panel: who took it from a session, and why.
 */
final class ControlPanelTest extends AuditTestCase
{
    public function testS45ALockIsAnEventWithItsReason(): void
    {
        $visitor = self::visitor();
        self::call($visitor, ['create_new_session', 1, true]);
        $session = AuditLog::name(self::CLASS_COOKIE, $visitor->cookies[self::CLASS_COOKIE]);
        self::assertEvents([['event' => 'login', 'reason' => 'forced', 'to' => $session, 'user' => '1']], self::CLASS_COOKIE);

        self::call($visitor, ['lock_cp'], ['lock_cp']);
        self::call($visitor, ['lock_cp']);
        self::assertEvents([['event' => 'lock', 'reason' => 'application', 'session' => $session, 'user' => '1']], self::CLASS_COOKIE);

        self::call($visitor, ['set', '_admin_sess', 1]);
        usleep(1_100_000);
        $panel = ['control_panel' => true, 'cp_lifetime' => 1];
        self::callWith($panel, $visitor, ['userdata', 'admin_sess']);
        self::callWith($panel, $visitor, ['userdata', 'admin_sess']);
        self::assertEvents([['event' => 'lock', 'reason' => 'idle', 'session' => $session, 'user' => '1']], self::CLASS_COOKIE);
    }

    public function testS45SessionsThatExpiredAreToldWhenTheyAreDeleted(): void
    {
        $short = self::visitor();
        self::callWith(['lifetime' => 1], $short, ['set', 'x', 1]);
        $session = AuditLog::name(self::CLASS_COOKIE, $short->cookies[self::CLASS_COOKIE]);
        self::log()->news();
        usleep(1_100_000);
        self::call(self::visitor(), ['delete_old_sessions']);
        $events = self::log()->news();
        self::assertSame([['expire', 'lifetime', $session]], array_map(
            static fn (array $event): array => [$event['event'], $event['reason'], $event['session']],
            $events
        ));
    }
}
