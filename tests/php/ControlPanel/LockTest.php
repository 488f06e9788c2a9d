<?php

declare(strict_types=1);

namespace Holdfast\Tests\ControlPanel;

/**
 * Issue 5, item 5: `lock_cp()` takes the control panel from a session, at once, and leaves the login.
 */
final class LockTest extends ControlPanelTestCase
{
    public function testTheLoginOfTheSiteStays(): void
    {
        $visitor = $this->admin();
        self::assertSame([null, self::ALICE, 0, 'y'], $this->ask($visitor, ['lock_cp'], ...self::STATE));
        self::assertSame([self::ALICE, 0, 'y', true], $this->ask($visitor, ...[...self::STATE, ['isLoggedin']]));
    }

    public function testAParallelRequestSeesItBeforeTheOneThatLocksHasEnded(): void
    {
        $visitor = $this->admin();
        $tab = self::tabOf($visitor);
        $locks = $this->page([['lock_cp'], ['stop']]);
        $this->whileItStands($visitor, $locks, function () use ($tab): void {
            self::assertSame([self::ALICE, 0, 'y'], $this->ask($tab, ...self::STATE));
        });
    }

    public function testARequestThatIsRunningDoesNotUnlockItByWhatItSaves(): void
    {
        $visitor = $this->admin();
        $tab = self::tabOf($visitor);
        $works = $this->page([['userdata', 'admin_sess'], ['set', 'work', 1], ['stop'], ['increment', 'count', 1], ['set', 'more', 2]]);
        self::assertSame(1, self::said($this->whileItStands($visitor, $works, function () use ($tab): void {
            $this->ask($tab, ['lock_cp']);
        }))['results'][0]);
        self::assertSame([0, 1, 2], $this->ask($visitor, ['userdata', 'admin_sess'], ['get', 'work'], ['get', 'more']));
    }

    public function testASessionThatGetsAnotherIdMeanwhileIsLockedThere(): void
    {
        $visitor = $this->admin();
        $tab = self::tabOf($visitor);
        $locks = $this->page([['userdata', 'admin_sess'], ['stop'], ['lock_cp']]);
        $this->whileItStands($visitor, $locks, function () use ($tab): void {
            self::assertSame([true], $this->ask($tab, ['regenerate']));
        });
        self::assertSame([self::ALICE, 0, 'y'], $this->ask($tab, ...self::STATE));
    }

    public function testWhereNothingIsLockedNothingHappens(): void
    {
        $guest = self::visitor();
        self::assertSame([null], $this->ask($guest, ['lock_cp']));
        self::assertSame([], $guest->cookies);

        $member = $this->member();
        self::assertSame([null], $this->ask($member, ['lock_cp']));
        self::assertArrayNotHasKey('_admin_sess', $this->ask($member, ['getAll'])[0]);
    }

    public function testItCanBeOpenedAgainByALogin(): void
    {
        $visitor = $this->admin();
        $this->ask($visitor, ['lock_cp']);
        $this->ask($visitor, ['create_new_session', self::ALICE, true]);
        self::assertSame([self::ALICE, 1, 'n'], $this->ask($visitor, ...self::STATE));
    }
}
