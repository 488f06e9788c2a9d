<?php

declare(strict_types=1);

namespace Holdfast\Tests\Authentication;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Wait;

/**
 * S12, S13, S15: how long a session lives. To the second it is proven in the core; here, that each lifetime reaches it.
 */
final class LifetimesTest extends MembersTestCase
{
    protected static function settings(): array
    {
        return ['holdfast.throttle' => 0];
    }

    public function testS15GuestsAndMembersHaveLifetimesOfTheirOwn(): void
    {
        $options = ['lifetime' => 1, 'member_lifetime' => 600];
        [$guest, $member] = [self::visitor(), self::visitor()];
        $guest->send(self::request([['set', 'x', 1]], $options));
        self::logIn($member, 'alice', $options);
        self::ends($guest, $options);
        self::assertTrue(self::isLoggedIn($member, $options));
        self::assertSame([600], self::said($member->send(self::request([['getLifetime']], $options)))['results']);
    }

    public function testS13NoUseProlongsAnAbsoluteLifetime(): void
    {
        $options = ['absolute_lifetime' => 2];
        $member = self::visitor();
        self::logIn($member, 'alice', $options);
        $uses = 0;
        Wait::until(
            static function () use ($member, $options, &$uses): bool {
                ++$uses;
                return !self::said($member->send(self::request([['set', 'uses', $uses], ['isLoggedin']], $options)))['results'][1];
            },
            'the session ends though it is used all the time',
            static fn (): string => "$uses uses"
        );
        self::assertGreaterThan(2, $uses);
    }

    public function testS15ASessionCanHaveALifetimeOfItsOwn(): void
    {
        [$short, $long] = [self::visitor(), self::visitor()];
        self::call($short, ['setLifetime', 1], ['set', 'x', 1]);
        self::call($long, ['setLifetime', 7200], ['set', 'x', 1]);
        self::assertSame([7200], self::call($long, ['getLifetime']));
        self::ends($short, []);
        self::assertSame([1, 'the session', 86400], self::call($long, ['get', 'x'], ['setLifetime', 0], ['getLifetime']));
        self::assertStringContainsString('must be a whole number of seconds', self::call($long, ['setLifetime', 'x'])[0]['message']);
    }

    /** @param array<string, mixed> $options */
    private static function ends(Browser $visitor, array $options): void
    {
        $copies = $visitor->cookies;
        // A look lets the session live on: so each look comes later than the lifetime after the one before.
        Wait::until(
            static function () use ($copies, $options): bool {
                usleep(1_100_000);
                $look = self::visitor();
                $look->cookies = $copies;
                return self::said($look->send(self::request([['get', 'x']], $options)))['results'] === [null];
            },
            'the session ends',
            static fn (): string => 'it is still there'
        );
    }
}
