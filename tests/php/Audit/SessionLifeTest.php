<?php

declare(strict_types=1);

namespace Holdfast\Tests\Audit;

use Holdfast\Tests\TemporaryDirectory;
use Holdfast\Tests\Wait;

/**
 * S45: a scripted life of a session yields the exact list of events, each with reason, time and hashed id.
 */
final class SessionLifeTest extends AuditTestCase
{
    /** @dataProvider faces */
    public function testS45AScriptedLifeYieldsTheExactListOfEvents(string $cookie): void
    {
        self::log()->news();
        $name = static fn (string $id): string => AuditLog::name($cookie, $id);
        $visitor = self::visitor();

        self::visit($visitor, $cookie, 'read');
        self::assertEvents([], $cookie, 'a visitor for whom nothing is stored');

        self::visit($visitor, $cookie, 'set');
        $first = $visitor->cookies[$cookie];
        self::assertEvents([['event' => 'create', 'reason' => 'first_write', 'session' => $name($first)]], $cookie);

        self::visit($visitor, $cookie, 'read');
        self::visit($visitor, $cookie, 'set');
        self::assertEvents([], $cookie, 'reading and writing on');

        self::visit($visitor, $cookie, 'regenerate');
        $second = $visitor->cookies[$cookie];
        self::assertNotSame($first, $second);
        self::assertEvents(
            [['event' => 'rotate', 'reason' => 'regenerate', 'session' => $name($first), 'to' => $name($second)]],
            $cookie
        );

        self::visit($visitor, $cookie, 'set');
        self::assertEvents([], $cookie, 'the rotated session goes on');

        self::visit($visitor, $cookie, 'destroy');
        self::assertEvents([['event' => 'destroy', 'reason' => 'application', 'session' => $name($second)]], $cookie);

        self::visitWith("$cookie=$second", $cookie, 'read');
        self::assertEvents([['event' => 'reject', 'reason' => 'ended', 'session' => $name($second)]], $cookie);
    }

    /** @dataProvider faces */
    public function testALifeInOneRequest(string $cookie): void
    {
        $visitor = self::visitor();
        self::visit($visitor, $cookie, 'set');
        $first = AuditLog::name($cookie, $visitor->cookies[$cookie]);
        self::log()->news();

        $steps = $cookie === self::CLASS_COOKIE ? 'set,save,regenerate,destroy,read' : 'set,regenerate,close,start,destroy,start';
        self::visit($visitor, $cookie, $steps);
        $events = self::log()->news();
        self::assertSame(['rotate/regenerate', 'destroy/application'], AuditLog::words($events));
        self::assertSame([$first, $events[0]['to']], array_column($events, 'session'));
    }

    /** @dataProvider faces */
    public function testS14ARenewalIsARotation(string $cookie): void
    {
        $visitor = self::visitor();
        self::visit($visitor, $cookie, 'set');
        $first = $visitor->cookies[$cookie];
        self::log()->news();
        $option = $cookie === self::CLASS_COOKIE ? 'renewal_interval' : 'holdfast.renewal_interval';
        Wait::until(function () use ($visitor, $cookie, $option, $first): bool {
            self::visit($visitor, $cookie, 'read', [$option => 1]);
            return $visitor->cookies[$cookie] !== $first;
        }, 'another id', static fn (): string => $first);
        $names = [AuditLog::name($cookie, $first), AuditLog::name($cookie, $visitor->cookies[$cookie])];
        self::assertEvents(
            [['event' => 'rotate', 'reason' => 'renewal', 'session' => $names[0], 'to' => $names[1]]],
            $cookie
        );
        // The old id leads to the new one: that is no event.
        self::visitWith("$cookie=$first", $cookie, 'read');
        self::assertEvents([], $cookie);
    }

    /** @dataProvider faces */
    public function testParallelRequestsThatRotateTogetherGiveOneLine(string $cookie): void
    {
        $visitor = self::visitor();
        self::visit($visitor, $cookie, 'set');
        $first = $visitor->cookies[$cookie];
        self::log()->news();
        $option = $cookie === self::CLASS_COOKIE ? 'renewal_interval' : 'holdfast.renewal_interval';
        // Only time itself makes a renewal due.
        $due = microtime(true) + 1.0;
        Wait::until(static fn (): bool => microtime(true) > $due, 'the renewal is due', static fn (): string => '');
        $answers = $visitor->getTogether(array_fill(0, 20, self::page($cookie, 'read', [$option => 1])));
        $ids = array_unique(array_map(static fn ($answer): string => self::said($answer)['id'], $answers));
        self::assertCount(1, $ids, 'all have the new id');
        $names = [AuditLog::name($cookie, $first), AuditLog::name($cookie, (string) reset($ids))];
        self::assertEvents(
            [['event' => 'rotate', 'reason' => 'renewal', 'session' => $names[0], 'to' => $names[1]]],
            $cookie
        );
    }

    /**
     * S07: rejected, and an event.
     *
     * @dataProvider faces
     */
    public function testS07TheOldIdOfARotationWithoutGraceIsRefused(string $cookie): void
    {
        $visitor = self::visitor();
        self::visit($visitor, $cookie, 'set');
        $first = $visitor->cookies[$cookie];
        self::visit($visitor, $cookie, 'regenerate', $cookie === self::CLASS_COOKIE ? ['rotation_grace' => 0] : []);
        self::log()->news();
        self::visitWith("$cookie=$first", $cookie, 'read');
        $name = AuditLog::name($cookie, $first);
        self::assertEvents([['event' => 'reject', 'reason' => 'ended', 'session' => $name]], $cookie);
    }

    public function testAfterPhpsOrdinaryRegenerationTheOldSessionStays(): void
    {
        $cookie = self::HANDLER_COOKIE;
        $visitor = self::visitor();
        self::visit($visitor, $cookie, 'set');
        $first = $visitor->cookies[$cookie];
        self::log()->news();
        self::visit($visitor, $cookie, 'set,regenerate-and-keep');
        $second = $visitor->cookies[$cookie];
        self::visitWith("$cookie=$first", $cookie, 'set');
        self::assertEvents(
            [[
                'event' => 'rotate',
                'reason' => 'regenerate',
                'session' => AuditLog::name($cookie, $first),
                'to' => AuditLog::name($cookie, $second),
            ]],
            $cookie
        );
    }

    /** @dataProvider faces */
    public function testANewIdForNothingIsNoRotation(string $cookie): void
    {
        self::log()->news();
        $visitor = self::visitor();
        self::visit($visitor, $cookie, 'regenerate');
        self::assertEvents([], $cookie);
        self::visit($visitor, $cookie, 'set');
        $id = $visitor->cookies[$cookie];
        $name = AuditLog::name($cookie, $id);
        self::assertEvents([['event' => 'create', 'reason' => 'first_write', 'session' => $name]], $cookie);
    }

    /** Two requests with an id under which nothing is stored yet: PHP has sent it before. */
    public function testASessionThatTwoRequestsBeginIsCreatedOnce(): void
    {
        $cookie = self::HANDLER_COOKIE;
        $visitor = self::visitor();
        self::visit($visitor, $cookie, 'read');
        self::log()->news();
        $signals = new TemporaryDirectory();
        $page = static fn (string $own, string $other): string => '/show.php?' . http_build_query([
            'set' => "{\"$own\":1}",
            'begun' => "$signals->path/$own",
            'until' => "$signals->path/$other",
        ]);
        $answers = $visitor->getTogether([$page('one', 'two'), $page('two', 'one')]);
        $signals->remove();
        foreach ($answers as $answer) {
            self::assertTrue($answer->isAcknowledged(), (string) $answer);
        }
        $name = AuditLog::name($cookie, $visitor->cookies[$cookie]);
        self::assertEvents([['event' => 'create', 'reason' => 'first_write', 'session' => $name]], $cookie);
        $said = self::said($visitor->get('/show.php'));
        self::assertEqualsCanonicalizing(['one', 'two'], array_keys($said['data']), 'both were there');
    }

    public function testAnEndByAnOldIdIsThatOfTheSessionItself(): void
    {
        $cookie = self::CLASS_COOKIE;
        $visitor = self::visitor();
        self::visit($visitor, $cookie, 'set');
        $first = $visitor->cookies[$cookie];
        self::visit($visitor, $cookie, 'regenerate');
        self::log()->news();
        self::visitWith("$cookie=$first", $cookie, 'destroy');
        $name = AuditLog::name($cookie, $visitor->cookies[$cookie]);
        self::assertEvents([['event' => 'destroy', 'reason' => 'application', 'session' => $name]], $cookie);
        self::visit($visitor, $cookie, 'destroy');
        self::assertEvents([], $cookie, 'there is nothing left to end');
    }
}
