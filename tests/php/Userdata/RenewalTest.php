<?php

declare(strict_types=1);

namespace Holdfast\Tests\Userdata;

use Holdfast\Tests\Browser\Crowd;

/**
 * Issue 5, 1: the provider is asked at the login and when a member has changed, and in no other request.
 */
final class RenewalTest extends UserdataTestCase
{
    private const ASKS = ['getMemberVersion', 'getMemberData'];

    public function testTheProviderIsAskedOnceAtTheLoginAndNotLater(): void
    {
        $this->members(['group_id' => 5, 'can_search' => 'y']);
        $visitor = $this->member();
        self::assertSame(['findByName', 'verifyPassword', ...self::ASKS], $this->calls());
        for ($page = 0; $page < 3; ++$page) {
            $names = ['username', 'group_id', 'email', 'can_search', 'can_access_cp', 'can_edit_all_comments', 'language'];
            self::assertSame(
                ['alice', 5, '', 'y', 'n', 'n', 'english'],
                $this->ask($visitor, ...array_map(static fn (string $name): array => ['userdata', $name], $names))
            );
        }
        $this->ask($visitor, ['all_userdata'], ['->userdata'], ['get_language'], ['session_id']);
        self::assertSame([], $this->calls());
    }

    public function testTheLoginsOwnRequestHasTheData(): void
    {
        $this->members(['group_id' => 5]);
        $results = $this->ask(self::visitor(), ['userdata', 'group_id'], ['login', 'alice', 'ecila'], ['userdata', 'group_id'], ['logout'], ['userdata', 'group_id']);
        self::assertSame([3, 5, 3], [$results[0], $results[2], $results[4]]);
    }

    public function testOneMembersDataAreNotTheNextOnes(): void
    {
        $this->members(['can_search' => 'y']);
        $visitor = $this->member();
        $results = $this->ask($visitor, ['userdata', 'username'], ['login', 'bob', 'bob'], ['userdata', 'username']);
        self::assertSame(['alice', 'bob'], [$results[0], $results[2]]);
        self::assertSame(['bob', 2], $this->ask($visitor, ['userdata', 'username'], ['userdata', 'member_id']));
    }

    public function testAForcedLoginAsksToo(): void
    {
        $this->members(['group_id' => 5]);
        $visitor = self::visitor();
        $this->ask($visitor, ['forceLogin', 'alice']);
        self::assertContains('getMemberData', $this->calls());
        self::assertSame([5], $this->ask($visitor, ['userdata', 'group_id']));
        self::assertSame([], $this->calls());
    }

    public function testAMemberWhoComesBackWithoutAPasswordIsAskedForOnce(): void
    {
        $this->members(['group_id' => 1]);
        $visitor = $this->member();
        $this->ask($visitor, ['rememberMe']);
        unset($visitor->cookies['holdfast'], $visitor->cookies['holdfast_challenge']);
        $this->members(['group_id' => 5]);
        $this->calls();
        self::assertSame([true, 5], $this->ask($visitor, ['isRestored'], ['userdata', 'group_id']));
        self::assertSame(['findById', ...self::ASKS], $this->calls());
        self::assertSame([5], $this->ask($visitor, ['userdata', 'group_id']));
        self::assertSame([], $this->calls());
    }

    public function testAChangedRoleHoldsAtTheNextRequestOnAllSessions(): void
    {
        $this->members(['group_id' => 1]);
        $sessions = [$this->member(), $this->member()];
        $bob = $this->member('bob');
        foreach ($sessions as $session) {
            self::assertSame(['y'], $this->ask($session, ['userdata', 'can_access_cp']));
        }
        $this->calls();
        $this->members(['group_id' => 5], 2);
        // Whoever changes the member says so: here a visitor who is nobody.
        self::assertSame(['the session'], $this->ask(self::visitor(), ['invalidateUserdata', 1]));
        self::assertSame([], $this->calls());
        foreach ($sessions as $session) {
            self::assertSame([5, 'n'], $this->ask($session, ['userdata', 'group_id'], ['userdata', 'can_access_cp']));
            self::assertSame(['findById', ...self::ASKS], $this->calls(), 'once for each session');
            self::assertSame([5, 'n', true], $this->ask($session, ['userdata', 'group_id'], ['userdata', 'can_access_cp'], ['isLoggedin']));
            self::assertSame([], $this->calls());
        }
        $this->ask($bob, ['all_userdata']);
        self::assertSame([], $this->calls(), 'nobody else is asked about');
    }

    public function testWhoChangesThemselvesSeesItAtOnce(): void
    {
        $this->members(['group_id' => 5]);
        $visitor = $this->member();
        $this->ask($visitor, ['all_userdata']);
        $this->members(['group_id' => 6], 2);
        self::assertSame([5, 'the session', 6], $this->ask($visitor, ['userdata', 'group_id'], ['invalidateUserdata', 1], ['userdata', 'group_id']));
    }

    public function testWithoutAnybodyToAskOldPrivilegesAreNotGiven(): void
    {
        $this->members(['group_id' => 1]);
        $visitor = $this->member();
        $asked = $this->request([['userdata', 'can_access_cp']], 'none');
        self::assertSame(['y'], self::said($visitor->send($asked))['results']);
        $this->ask(self::visitor(), ['invalidateUserdata', 1]);
        $refused = self::said($visitor->send($asked))['results'][0];
        self::assertSame('Holdfast\Exception\InvalidState', $refused['thrown']);
        self::assertStringContainsString('setUserProvider()', $refused['message']);
    }

    public function testRefreshUserdataAsksNow(): void
    {
        $this->members(['group_id' => 5]);
        [$visitor, $other] = [$this->member(), $this->member()];
        $this->members(['group_id' => 6], 2);
        $this->calls();
        self::assertSame([5, true, 6, false], $this->ask($visitor, ['userdata', 'group_id'], ['refreshUserdata'], ['userdata', 'group_id'], ['refreshUserdata']));
        self::assertSame(['findById', ...self::ASKS, ...self::ASKS], $this->calls());
        self::assertSame([6], $this->ask($visitor, ['userdata', 'group_id']));
        self::assertSame([5], $this->ask($other, ['userdata', 'group_id']), 'for this session alone');
        self::assertSame([], $this->calls());
        self::assertSame([false], $this->ask(self::visitor(), ['refreshUserdata']), 'a guest');
    }

    /** Of two requests that ask at once, the one that was given older data comes last. */
    public function testDataThatComeLateDoNotReplaceYoungerOnes(): void
    {
        $this->members(['group_id' => 1]);
        $visitor = $this->member();
        $copy = self::visitor();
        $copy->cookies = $visitor->cookies;
        $this->ask(self::visitor(), ['invalidateUserdata', 1]);
        touch($this->directory->path . '/hold');
        $held = $this->directory->path . '/held';
        $late = $early = null;
        Crowd::run([(function () use ($visitor, &$late): iterable {
            $late = yield [$visitor, $this->request([['userdata', 'group_id']])];
        })()], function () use ($copy, $held, &$early): void {
            clearstatcache();
            if ($early === null && file_exists($held)) {
                $this->members(['group_id' => 5], 2);
                $this->ask(self::visitor(), ['invalidateUserdata', 1]);
                $early = $this->ask($copy, ['userdata', 'group_id']);
                unlink($held);
            }
        });
        self::assertSame([5], $early);
        self::assertSame([1], self::said($late)['results'], 'it had asked before the change');
        $this->calls();
        self::assertSame([5], $this->ask($visitor, ['userdata', 'group_id']));
        self::assertSame([], $this->calls(), 'what the other request was given is kept');
    }

    /** A rise of the version is remembered no longer than that. */
    public function testDataOlderThanTheVersionIsRememberedAreAskedForAnew(): void
    {
        $this->members(['group_id' => 5]);
        $visitor = $this->member();
        [$kept] = $this->ask($visitor, ['get', '_userdata']);
        $kept['time'] -= 400 * 86400 * 1000;
        $this->ask($visitor, ['set', '_userdata', $kept]);
        $this->members(['group_id' => 6], 2);
        $this->calls();
        self::assertSame([6], $this->ask($visitor, ['userdata', 'group_id']));
        self::assertContains('getMemberData', $this->calls());
        self::assertSame([6], $this->ask($visitor, ['userdata', 'group_id']));
        self::assertSame([], $this->calls());
    }

    public function testWhatStandsInThePlaceOfTheDataAndIsNoneIsAskedForAnew(): void
    {
        $this->members(['group_id' => 5]);
        $visitor = $this->member();
        foreach ([1, 'x', [], ['user' => 1], ['user' => '2', 'version' => PHP_INT_MAX, 'time' => time() * 1000, 'own_version' => 1, 'data' => ['group_id' => 1]]] as $junk) {
            $this->ask($visitor, ['set', '_userdata', $junk]);
            self::assertSame([5], $this->ask($visitor, ['userdata', 'group_id']));
        }
    }

    public function testEndingAllSessionsKeepsTheVersion(): void
    {
        $this->members(['group_id' => 5]);
        $visitor = $this->member();
        $this->ask(self::visitor(), ['invalidateUserdata', 1]);
        $this->members(['group_id' => 6], 2);
        $this->ask($visitor, ['endOtherSessions']);
        self::assertSame([6], $this->ask($visitor, ['userdata', 'group_id']));
    }
}
