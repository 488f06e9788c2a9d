<?php

declare(strict_types=1);

namespace Holdfast\Tests\ControlPanel;

/**
 * Issue 5, item 5: `update_session()`, and `destroy()` as ExpressionEngine's.
 */
final class LifeTest extends ControlPanelTestCase
{
    public function testUpdateSessionGivesANewIdWhereOneIsDueAndTheSessionGoesOn(): void
    {
        $visitor = $this->admin();
        $first = $visitor->cookies['holdfast'];
        self::assertSame([null], $this->ask($visitor, ['update_session']));
        self::assertSame($first, $visitor->cookies['holdfast'], 'none is due');

        $options = ['renewal_interval' => 1];
        $answer = $this->whileItStands($visitor, $this->page([['set', 'x', 1], ['stop'], ['update_session'], ['getId']], $options), static function (): void {
            usleep(1_100_000);
        });
        self::assertNotSame($first, $visitor->cookies['holdfast']);
        self::assertSame($visitor->cookies['holdfast'], self::said($answer)['results'][3]);
        self::assertSame([self::ALICE, 1, 'y', 1], $this->ask($visitor, ...[...self::STATE, ['get', 'x']]));
    }

    public function testS09UpdateSessionBringsNoneBackThatAnotherRequestHasEnded(): void
    {
        foreach ([0, 1] as $interval) {
            $visitor = $this->admin();
            $tab = self::tabOf($visitor);
            $works = $this->page([['isLoggedin'], ['stop'], ['update_session']], ['renewal_interval' => $interval]);
            $answer = $this->whileItStands($visitor, $works, function () use ($tab): void {
                usleep(1_100_000);
                self::assertSame([true], $this->ask($tab, ['destroy']));
            });
            self::assertSame([true, null, null], self::said($answer)['results']);
            self::assertSame([0, 0, 'n'], $this->ask($visitor, ...self::STATE));
        }
    }

    public function testUpdateSessionBeginsNone(): void
    {
        $guest = self::visitor();
        self::assertSame([null], $this->ask($guest, ['update_session']));
        self::assertSame([], $guest->cookies);
    }

    public function testAfterDestroyTheVisitorIsAGuestAndTheCookiesOfTheLoginAreGone(): void
    {
        $options = ['tracker' => true, 'throttle' => true];
        $visitor = self::visitor();
        $this->askWith($options, $visitor, ['login', 'alice', 'ecila']);
        $this->askWith($options, $visitor, ['create_new_session', self::ALICE, true, true], ['->tracker']);
        $stolen = self::tabOf($visitor);
        self::assertSame(['holdfast', 'holdfast_challenge', 'holdfast_device'], self::names($visitor->cookies));

        $results = $this->askWith($options, $visitor, ['->tracker'], ['destroy'], ['all_userdata'], ['isLoggedin'], ['getMember'], ['getAll'], ['getId']);
        self::assertSame([['userdata.php'], true], array_slice($results, 0, 2));
        self::assertSame([false, null, [], ''], array_slice($results, 3));
        $guest = $this->ask(self::visitor(), ['all_userdata'])[0];
        self::assertSame($guest, $results[2]);
        // By this one the browser is known when somebody logs in, and by no one else.
        self::assertSame(['holdfast_device'], self::names($visitor->cookies));
        self::assertSame([0, 0, 'n', null], $this->askWith($options, $stolen, ...[...self::STATE, ['get', '_tracker']]));
    }

    public function testARememberedLoginIsNoneForTheControlPanel(): void
    {
        $this->members(['can_access_cp' => 'y']);
        $visitor = self::visitor();
        $this->ask($visitor, ['create_new_session', self::ALICE, true, true], ['rememberMe']);
        $guest = self::visitor();
        $this->ask($guest, ['set', '_admin_sess', 1], ['set', 'cart', 3]);
        $visitor->cookies = $guest->cookies + ['holdfast_remember' => $visitor->cookies['holdfast_remember']];
        self::assertSame([self::ALICE, 0, 'n', true, 3], $this->ask($visitor, ...[...self::STATE, ['isRestored'], ['get', 'cart']]));
    }

    public function testAfterDestroyNoRememberedLoginBringsTheMemberBack(): void
    {
        $visitor = self::visitor();
        $this->ask($visitor, ['create_new_session', self::ALICE], ['rememberMe']);
        $stolen = self::tabOf($visitor);
        $this->ask($visitor, ['destroy']);
        self::assertSame([], self::names($visitor->cookies));
        self::assertSame([0, 0, 'n'], $this->ask($stolen, ...self::STATE));
    }

    /**
     * @param array<string, string> $cookies
     * @return list<string>
     */
    private static function names(array $cookies): array
    {
        $names = array_keys(array_filter($cookies, static fn (string $value): bool => $value !== ''));
        sort($names);
        return $names;
    }
}
