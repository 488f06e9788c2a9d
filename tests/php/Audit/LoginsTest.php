<?php

declare(strict_types=1);

namespace Holdfast\Tests\Audit;

use Holdfast\Tests\Browser\Browser;

/**
 * S45 for logins: a scripted life of a member yields the exact list of events, and no name that was tried.
 */
final class LoginsTest extends AuditTestCase
{
    public function testS45AMembersLifeYieldsTheExactListOfEvents(): void
    {
        self::log()->news();
        $visitor = self::visitor();
        $name = static fn (Browser $of): string => AuditLog::name(self::CLASS_COOKIE, $of->cookies[self::CLASS_COOKIE]);

        self::call($visitor, ['set', 'x', 1]);
        $guest = $name($visitor);
        self::log()->news();
        self::call($visitor, ['login', 'alice', 'wrong'], ['login', 'nobody at all', 'x']);
        $failed = self::log()->news();
        self::assertSame(
            [['login_failed', 'password'], ['login_failed', 'unknown_user']],
            array_map(static fn (array $event): array => [$event['event'], $event['reason']], $failed)
        );
        self::assertMatchesRegularExpression('/^[0-9a-f]{8}$/D', $failed[0]['name_hash']);
        self::assertNotSame($failed[0]['name_hash'], $failed[1]['name_hash']);

        self::call($visitor, ['login', 'alice', 'ecila']);
        $first = $name($visitor);
        self::assertEvents(
            [['event' => 'login', 'reason' => 'password', 'session' => $guest, 'to' => $first, 'user' => '1']],
            self::CLASS_COOKIE
        );
        $thief = self::visitor();
        $thief->cookies = [self::CLASS_COOKIE => $visitor->cookies[self::CLASS_COOKIE]];
        self::call($thief, ['isLoggedin']);
        self::assertEvents([['event' => 'reject', 'reason' => 'browser', 'session' => $first, 'user' => '1']], self::CLASS_COOKIE);

        $others = [self::visitor(), self::visitor()];
        foreach ($others as $other) {
            self::call($other, ['forceLogin', 'alice']);
            self::assertEvents([['event' => 'login', 'reason' => 'forced', 'to' => $name($other), 'user' => '1']], self::CLASS_COOKIE);
        }
        self::call($visitor, ['endOtherSessions'], ['endOtherSessions']);
        self::assertEvents([['event' => 'destroy', 'reason' => 'others', 'user' => '1', 'count' => 2]], self::CLASS_COOKIE);

        $limited = self::visitor();
        self::callWith(['sessions_per_user' => 1], $limited, ['forceLogin', 'alice']);
        $second = $name($limited);
        self::assertEvents([
            ['event' => 'login', 'reason' => 'forced', 'to' => $second, 'user' => '1'],
            ['event' => 'limit', 'reason' => 'ended', 'user' => '1', 'count' => 1],
        ], self::CLASS_COOKIE);

        self::call($limited, ['logout']);
        self::assertEvents([['event' => 'destroy', 'reason' => 'logout', 'session' => $second, 'user' => '1']], self::CLASS_COOKIE);
        self::call($limited, ['forceLogin', 'bob'], ['endSessions', 2]);
        $events = self::log()->news();
        self::assertSame(['login', 'destroy'], array_column($events, 'event'));
        self::assertSame(['all', 1], [$events[1]['reason'], $events[1]['count']]);
    }

    public function testS45AThrottledAttemptIsAnEvent(): void
    {
        self::log()->news();
        self::call(self::visitor(), ...array_fill(0, 7, ['login', 'carol', 'guess']));
        self::assertSame(
            [...array_fill(0, 5, 'login_failed'), 'throttle', 'throttle'],
            array_column(self::log()->news(), 'event')
        );
    }

    public function testS29NoNameThatWasTriedIsWritten(): void
    {
        self::call(self::visitor(), ['login', 'my-secret-password', 'x'], ['login', 'alice', 'another-secret']);
        $log = (string) file_get_contents(self::log()->path);
        self::assertNotSame('', $log);
        self::assertStringNotContainsString('secret', $log);
    }
}
