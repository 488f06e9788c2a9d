<?php

declare(strict_types=1);

namespace Holdfast\Tests\SaveHandler;

use Holdfast\Tests\Browser\Crowd;
use Holdfast\Tests\Browser\Request;
use Holdfast\Tests\Wait;

/**
 * S12: `session.gc_maxlifetime` is enforced when a session is read, to the second, whatever was collected: no collection
 * ever runs here, unless a test asks for it.
 */
final class LifetimeTest extends HandlerTestCase
{
    /** @dataProvider serializers */
    public function testASessionEndsWithItsLifetime(string $serializer): void
    {
        $ini = ['ini' => ['session.gc_maxlifetime' => 1, 'session.serialize_handler' => $serializer]];
        $idle = self::visitor();
        $busy = self::visitor();
        $id = self::show($idle, $ini + ['set' => ['n' => 1]])['id'];
        $written = microtime(true);
        self::show($busy, $ini + ['set' => ['n' => 1]]);
        // The wait itself keeps one of the two alive, without a change.
        Wait::until(
            function () use ($busy, $ini, $written): bool {
                self::assertSame(['n' => 1], self::show($busy, $ini)['data'], 'used all the time');
                return microtime(true) > $written + 1.1;
            },
            'the lifetime is over',
            static fn (): string => ''
        );
        $after = self::show($idle, $ini);
        self::assertSame([], $after['data'], 'not used for longer than its lifetime');
        self::assertSame($id, $after['id'], 'S25: the id stays, in strict mode or not');
        self::assertSame([], self::show($idle, $ini)['data']);
    }

    /** @return array<string, array{string}> */
    public static function serializers(): array
    {
        return ['php' => ['php'], 'holdfast' => ['holdfast']];
    }

    public function testWithinItsLifetimeItLives(): void
    {
        $ini = ['ini' => ['session.gc_maxlifetime' => 2]];
        $visitor = self::visitor();
        self::show($visitor, $ini + ['set' => ['n' => 1]]);
        $this->pass(1.0);
        self::assertSame(['n' => 1], self::show($visitor, $ini)['data']);
        $this->pass(1.2);
        self::assertSame(['n' => 1], self::show($visitor, $ini)['data'], 'the unchanged request before was a use');
    }

    /** A request that changes nothing is a use of the session until it ends, as it is by PHP's own handlers. */
    public function testALongUnchangedRequestIsAUseUntilItsEnd(): void
    {
        $until = $this->signal('until');
        $ini = ['ini' => ['session.gc_maxlifetime' => 2]];
        $visitor = self::visitor();
        self::show($visitor, $ini + ['set' => ['n' => 1]]);
        $began = microtime(true);
        $long = (function () use ($visitor, $ini, $until): iterable {
            yield [$visitor, new Request(self::page($ini + ['until' => $until]))];
        })();
        Crowd::run([$long], static function () use ($began, $until): void {
            if (microtime(true) > $began + 1.5) {
                touch($until);
            }
        });
        $this->pass(1.0);
        self::assertSame(['n' => 1], self::show($visitor, $ini)['data'], '1 s after its last use, with a lifetime of 2 s');
    }

    /** S15 */
    public function testEachSessionHasItsOwnLifetime(): void
    {
        $guest = self::visitor();
        $member = self::visitor();
        self::show($guest, ['ini' => ['session.gc_maxlifetime' => 1], 'set' => ['n' => 1]]);
        self::show($member, ['ini' => ['session.gc_maxlifetime' => 1000], 'set' => ['n' => 1]]);
        $this->pass(1.1);
        self::assertSame([], self::show($guest)['data']);
        self::assertSame(['n' => 1], self::show($member)['data']);
    }

    /** Only time itself can be waited for here. */
    private function pass(float $seconds): void
    {
        $end = microtime(true) + $seconds;
        Wait::until(static fn (): bool => microtime(true) > $end, 'time passes', static fn (): string => '');
    }
}
