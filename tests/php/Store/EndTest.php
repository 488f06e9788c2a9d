<?php

declare(strict_types=1);

namespace Holdfast\Tests\Store;

use Holdfast\Tests\Audit\AuditLog;
use Holdfast\Tests\Audit\WithAuditLog;
use Holdfast\Tests\Authentication\MembersTestCase;

/**
 * Issue 9, S16, S17, S45: whoever runs the site ends one session, or all of a user, and the audit log says so.
 */
final class EndTest extends MembersTestCase
{
    use WithAuditLog;

    protected static function settings(): array
    {
        return ['holdfast.audit' => self::log()->path, 'holdfast.throttle' => 0];
    }

    protected function tearDown(): void
    {
        self::store(['endUser', 1], ['endUser', 2]);
    }

    /**
     * What methods of Store give on the site.
     *
     * @param list<mixed> ...$calls each a method with its arguments
     * @return list<mixed>
     */
    private static function store(array ...$calls): array
    {
        $named = array_map(static fn (array $call): array => [array_shift($call), $call], $calls);
        return self::said(self::visitor()->get('/store.php?' . http_build_query(['calls' => json_encode($named, JSON_THROW_ON_ERROR)])));
    }

    /** @return list<array<string, mixed>> */
    private static function endsInTheLog(): array
    {
        return array_values(array_filter(self::log()->news(), static fn (array $event): bool => $event['event'] === 'destroy'));
    }

    public function testS16TheOwnerOfAnEndedSessionIsAGuestAtTheNextRequest(): void
    {
        [$alice, $bob] = [self::member('alice'), self::member('bob')];
        [['sessions' => [$session], 'matching' => $matching]] = self::store(['sessions', ['user' => 1]]);
        self::assertSame(1, $matching);
        self::assertSame('127.0.0.1', $session['address']);
        $name = AuditLog::name('holdfast', $alice->cookies['holdfast']);
        self::endsInTheLog();
        self::assertSame([true, false], self::store(['end', $session['handle'], 'ada'], ['end', $session['handle'], 'ada']));
        self::assertFalse(self::isLoggedIn($alice));
        self::assertTrue(self::isLoggedIn($bob));
        [$event] = self::endsInTheLog();
        unset($event['time']);
        self::assertSame(
            ['event' => 'destroy', 'reason' => 'operator', 'session' => $name, 'user' => '1', 'by' => 'ada', 'address' => '127.0.0.1'],
            $event
        );
    }

    public function testS17AllDevicesOfAUserEndWithTheirTrueNumber(): void
    {
        $devices = [self::member('alice'), self::member('alice'), self::member('alice')];
        $bob = self::member('bob');
        self::endsInTheLog();
        self::assertSame([3, 0], self::store(['endUser', 1], ['endUser', '1']));
        foreach ($devices as $device) {
            self::assertFalse(self::isLoggedIn($device));
        }
        self::assertTrue(self::isLoggedIn($bob));
        $events = self::endsInTheLog();
        self::assertCount(1, $events);
        self::assertSame(['operator', '1', 3, false], [$events[0]['reason'], $events[0]['user'], $events[0]['count'], isset($events[0]['by'])]);
    }

    public function testARememberedLoginEndsWithItsSession(): void
    {
        $alice = self::visitor();
        self::logIn($alice, 'alice', ['remember_lifetime' => 3600]);
        self::said($alice->send(self::request([['rememberMe']], ['remember_lifetime' => 3600])));
        [['sessions' => [$session]]] = self::store(['sessions', ['user' => 1]]);
        self::assertSame([true], self::store(['end', $session['handle']]));
        self::assertFalse(self::isLoggedIn($alice, ['remember_lifetime' => 3600]));
    }

    public function testAGuestsSessionCanBeEndedToo(): void
    {
        $guest = self::visitor();
        $guest->get('/steps.php?do=set');
        $before = $guest->cookies['holdfast'];
        [['sessions' => [$session]]] = self::store(['sessions', ['loggedIn' => false, 'order' => 'created', 'descending' => true]]);
        self::assertSame([true], self::store(['end', $session['handle']]));
        self::assertSame([], (array) self::said($guest->get('/steps.php?do=read'))['data']);
        self::assertNotSame('', $before);
    }

    public function testWhatIsNoHandleIsRefused(): void
    {
        $answer = self::visitor()->get('/store.php?' . http_build_query(['calls' => '[["end", ["x"]]]']));
        self::assertSame(500, $answer->status);
        self::assertStringContainsString('32 hexadecimal digits', self::fpm()->log() . $answer->body);
        $answer = self::visitor()->get('/store.php?' . http_build_query(['calls' => '[["endUser", [""]]]']));
        self::assertSame(500, $answer->status);
        self::assertSame([false], self::store(['end', str_repeat('0', 32)]));
    }
}
