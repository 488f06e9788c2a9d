<?php

declare(strict_types=1);

namespace Holdfast\Tests\ControlPanel;

use Holdfast\Tests\Browser\Browser;

/**
 * S15: the site's lifetime and the control panel's, each for what it is of.
 */
final class LifetimesTest extends ControlPanelTestCase
{
    private const SITE = ['member_lifetime' => 600, 'cp_lifetime' => 1];
    private const PANEL = ['control_panel' => true] + self::SITE;

    public function testS15OfTwoSessionsEachHasItsOwnLifetime(): void
    {
        [$onThePanel, $onTheSite, $patient] = [$this->admin(), $this->admin(), $this->admin()];
        foreach ([$onThePanel, $onTheSite, $patient] as $visitor) {
            $this->askWith(self::SITE, $visitor, ...self::STATE);
        }
        usleep(1_100_000);
        self::assertSame([1, 1, 'y'], $this->askWith(self::SITE, $onTheSite, ...self::STATE), 'the site does not lock');
        self::assertSame([1, 1, 'y'], $this->askWith(['cp_lifetime' => 60] + self::PANEL, $patient, ...self::STATE), 'not idle for so long');
        self::assertSame([1, 0, 'y'], $this->askWith(self::PANEL, $onThePanel, ...self::STATE), 'the front-end login goes on');
        self::assertSame([1, 0, 'y'], $this->askWith(self::SITE, $onThePanel, ...self::STATE), 'for everybody');

        usleep(1_100_000);
        $short = ['member_lifetime' => 1] + self::PANEL;
        $this->askWith($short, $onTheSite, ...self::STATE);
        usleep(1_100_000);
        self::assertSame([0, 0, 'n'], $this->askWith($short, $onTheSite, ...self::STATE), "the session's own lifetime ends the login, too");
    }

    public function testS15UseKeepsItOpenAndSoDoesUseOfTheSite(): void
    {
        $options = ['cp_lifetime' => 4] + self::PANEL;
        $visitor = $this->admin();
        $this->askWith($options, $visitor, ...self::STATE);
        usleep(2_500_000);
        self::assertSame([1, 1, 'y'], $this->askWith(['control_panel' => false] + $options, $visitor, ...self::STATE));
        usleep(2_500_000);
        self::assertSame([1, 1, 'y'], $this->askWith($options, $visitor, ...self::STATE));
    }

    public function testZeroIsAsLongAsTheSession(): void
    {
        $visitor = $this->admin();
        usleep(1_100_000);
        self::assertSame([1, 1, 'y'], $this->askWith(['cp_lifetime' => 0] + self::PANEL, $visitor, ...self::STATE));
    }

    public function testARenewalAndAMoveHideNoIdleTime(): void
    {
        $visitor = $this->admin();
        $options = ['renewal_interval' => 1] + self::PANEL;
        usleep(1_100_000);
        $before = $visitor->cookies['holdfast'];
        self::assertSame([1, 0, 'y'], $this->askWith($options, $visitor, ...self::STATE));
        self::assertNotSame($before, $visitor->cookies['holdfast'], 'it was renewed by the same request');
    }

    public function testOfParallelRequestsAfterTheTimeNoneGetsIn(): void
    {
        $visitor = $this->admin();
        usleep(1_100_000);
        $tab = self::tabOf($visitor);
        $late = $this->page([['userdata', 'admin_sess'], ['stop']], self::PANEL);
        $answer = $this->whileItStands($visitor, $late, function () use ($tab): void {
            self::assertSame([1, 0, 'y'], $this->askWith(self::PANEL, $tab, ...self::STATE));
        });
        self::assertSame(0, self::said($answer)['results'][0]);
    }

    public function testADirectoryCanBeTheControlPanel(): void
    {
        $visitor = $this->admin();
        usleep(1_100_000);
        $panel = $this->page(self::STATE, ['cp_lifetime' => 1], path: '/cp/index.php');
        self::assertSame([1, 0, 'y'], self::said($visitor->send($panel))['results']);
    }

    public function testTheTrackerIsOfTheSiteAlone(): void
    {
        $visitor = $this->admin();
        $options = ['tracker' => true];
        $this->askWith($options, $visitor, ['->tracker']);
        self::assertSame([[]], $this->askWith(['control_panel' => true] + $options, $visitor, ['->tracker']));
        $visitor->send($this->page([['->tracker']], ['control_panel' => true] + $options, path: '/cp/index.php'));
        self::assertSame([['userdata.php']], $this->askWith($options, $visitor, ['->tracker']));
    }
}
