<?php

declare(strict_types=1);

namespace Holdfast\Tests\ControlPanel;

use Holdfast\Exception\InvalidArgument;
use Holdfast\Exception\InvalidState;

/**
 * Issue 5, item 5: `create_new_session()` logs a member in, as ExpressionEngine's does.
 */
final class CreateNewSessionTest extends ControlPanelTestCase
{
    public function testS05ItLogsInUnderANewIdAndTheOneFromBeforeIsDead(): void
    {
        $visitor = self::visitor();
        $this->ask($visitor, ['set', 'cart', 3]);
        $before = self::tabOf($visitor);
        $said = self::said($visitor->send($this->page([['create_new_session', self::ALICE], ['isLoggedin'], ['userdata', 'username'], ['getMember']])));
        self::assertSame([true, 'alice', ['id' => 1, 'name' => 'alice']], array_slice($said['results'], 1));
        self::assertSame($said['id'], $said['results'][0], 'it gives the id');
        self::assertNotSame($before->cookies['holdfast'], $said['id']);
        self::assertSame($visitor->cookies['holdfast'], $said['id']);
        self::assertSame([true, 3], $this->ask($visitor, ['isLoggedin'], ['get', 'cart']));
        self::assertSame([false, null], $this->ask($before, ['isLoggedin'], ['get', 'cart']));
    }

    /** @return iterable<string, array{array<string, mixed>, bool, int}> */
    public static function privileges(): iterable
    {
        yield 'a member' => [[], false, 0];
        yield 'a member, for the control panel' => [[], true, 1];
        yield 'who may enter it' => [['can_access_cp' => 'y'], false, 1];
        yield 'who may enter it, of a role of the site' => [['group_id' => 7, 'can_access_cp' => 'y'], false, 1];
        yield 'who may not' => [['can_access_cp' => 'n'], true, 0];
        yield 'the banned' => [['group_id' => 2, 'can_access_cp' => 'y'], true, 0];
        yield 'who waits for approval' => [['group_id' => 4, 'can_access_cp' => 'y'], true, 0];
    }

    /**
     * @dataProvider privileges
     * @param array<string, mixed> $data
     */
    public function testAdminSessIsOneForWhoMayEnterAndForWhomItIsSaid(array $data, bool $isAdmin, int $expected): void
    {
        $this->members($data);
        $visitor = self::visitor();
        self::assertSame([1, $expected, 'n'], array_slice($this->ask($visitor, ['create_new_session', self::ALICE, $isAdmin], ...self::STATE), 1));
        self::assertSame([1, $expected, 'n'], $this->ask($visitor, ...self::STATE));
    }

    public function testWhoMayNotEnterAnyMoreIsOutAtTheNextRequest(): void
    {
        $this->members(['can_access_cp' => 'y']);
        $visitor = self::visitor();
        self::assertSame(1, $this->ask($visitor, ['create_new_session', self::ALICE], ['userdata', 'admin_sess'])[1]);
        $this->members(['can_access_cp' => 'n'], 2);
        self::assertSame('the session', $this->ask(self::visitor(), ['invalidateUserdata', self::ALICE])[0]);
        self::assertSame([self::ALICE, 0, 'n'], $this->ask($visitor, ...self::STATE));
    }

    public function testCanDebugIsAsItIsSaid(): void
    {
        $visitor = self::visitor();
        $this->ask($visitor, ['create_new_session', self::ALICE, false, true]);
        self::assertSame([self::ALICE, 0, 'y'], $this->ask($visitor, ...self::STATE));
        $this->ask($visitor, ['create_new_session', self::ALICE]);
        self::assertSame([self::ALICE, 0, 'n'], $this->ask($visitor, ...self::STATE));
    }

    public function testSuperadminsMayEverythingWithoutAskingAndTheBannedNothing(): void
    {
        foreach ([1 => 'y', 2 => 'n', 4 => 'n', 5 => 'y'] as $group => $expected) {
            $this->members(['group_id' => $group]);
            $visitor = self::visitor();
            $this->ask($visitor, ['create_new_session', self::ALICE, false, $group !== 1]);
            $isAdmin = $group === 1 ? 1 : 0;
            self::assertSame([$expected, $isAdmin], $this->ask($visitor, ['userdata', 'can_debug'], ['userdata', 'admin_sess']), "group $group");
        }
    }

    /** @return iterable<string, array{list<mixed>}> */
    public static function logins(): iterable
    {
        yield 'create_new_session' => [['create_new_session', self::BOB]];
        yield 'login' => [['login', 'bob', 'bob']];
        yield 'forceLogin' => [['forceLogin', 'bob']];
    }

    /**
     * @dataProvider logins
     * @param list<mixed> $login
     */
    public function testWhoLogsInDoesNotInheritTheControlPanelOfAnother(array $login): void
    {
        $visitor = $this->admin();
        $this->ask($visitor, ['set', 'cart', 3], $login);
        self::assertSame([self::BOB, 0, 'n', 3], $this->ask($visitor, ...[...self::STATE, ['get', 'cart']]));
    }

    public function testAnUnknownMemberIsAnExceptionAndNothingHasChanged(): void
    {
        $visitor = $this->admin();
        $cookies = $visitor->cookies;
        $answer = $visitor->send($this->page([['create_new_session', self::NOBODY], ...self::STATE]));
        $results = self::said($answer)['results'];
        self::assertSame(InvalidArgument::class, $results[0]['thrown']);
        self::assertStringContainsString('knows no member', $results[0]['message']);
        self::assertSame([self::ALICE, 1, 'y'], array_slice($results, 1));
        self::assertSame($cookies, $visitor->cookies);

        $guest = self::visitor();
        self::assertSame(InvalidArgument::class, $this->ask($guest, ['create_new_session', self::NOBODY])[0]['thrown']);
        self::assertSame([], $guest->cookies);
    }

    /** @return iterable<string, array{mixed}> */
    public static function nobodies(): iterable
    {
        yield 'zero' => [0];
        yield 'a zero as text' => ['0'];
        yield 'an empty text' => [''];
        yield 'null' => [null];
        yield 'a boolean' => [true];
        yield 'an array' => [[1]];
    }

    /** @dataProvider nobodies */
    public function testWhatIsNoIdOfAMemberIsRefused(mixed $id): void
    {
        $visitor = self::visitor();
        $said = self::said($visitor->send($this->page([['create_new_session', $id], ['isLoggedin']], provider: 'none')));
        self::assertSame(InvalidArgument::class, $said['results'][0]['thrown']);
        self::assertFalse($said['results'][1]);
        self::assertSame([], $visitor->cookies);
    }

    public function testWhereTheProviderFailsNobodyIsLoggedInAndTheSessionIsAsItWas(): void
    {
        $visitor = $this->admin();
        $this->members(['group_id' => 'many']);
        $results = $this->ask($visitor, ['create_new_session', self::BOB], ['isLoggedin']);
        self::assertSame(InvalidState::class, $results[0]['thrown']);
        $this->members([]);
        self::assertSame([self::ALICE, 1, 'y'], $this->ask($visitor, ...self::STATE));
    }

    public function testS18WhereTheLimitRefusesALoginTheSessionKeepsWhatItMay(): void
    {
        $this->member('bob');
        $visitor = $this->admin();
        $options = ['sessions_per_user' => 1, 'sessions_per_user_policy' => 'refuse'];
        $results = $this->askWith($options, $visitor, ['create_new_session', self::BOB], ...self::STATE);
        self::assertSame(InvalidState::class, $results[0]['thrown']);
        self::assertStringContainsString('Too many sessions', $results[0]['message']);
        self::assertSame([self::ALICE, 1, 'y'], array_slice($results, 1));
        self::assertSame([self::ALICE, 1, 'y'], $this->ask($visitor, ...self::STATE));

        $guest = self::visitor();
        $this->askWith($options, $guest, ['create_new_session', self::BOB, true, true], ['set', 'cart', 3]);
        self::assertSame([0, 0, 'n', ['cart' => 3]], $this->ask($guest, ...[...self::STATE, ['getAll']]), 'no mark stays behind');
    }

    public function testWithoutAProviderTheIdAloneIsTheMember(): void
    {
        $visitor = self::visitor();
        foreach ([7, 'c-3'] as $id) {
            $visitor->send($this->page([['create_new_session', $id, true]], provider: 'none'));
            $calls = [['userdata', 'member_id'], ['userdata', 'admin_sess'], ['isLoggedin'], ['getMember']];
            self::assertSame([$id, 1, true, null], self::said($visitor->send($this->page($calls, provider: 'none')))['results']);
        }
    }

    public function testTheProviderIsAskedOnceAndNotAtTheNextRequest(): void
    {
        $visitor = self::visitor();
        $this->ask($visitor, ['create_new_session', self::ALICE], ['userdata', 'username']);
        self::assertSame(['findById', 'getMemberVersion', 'getMemberData'], $this->calls());
        $this->ask($visitor, ['all_userdata']);
        self::assertSame([], $this->calls());
    }
}
