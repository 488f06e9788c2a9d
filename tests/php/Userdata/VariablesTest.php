<?php

declare(strict_types=1);

namespace Holdfast\Tests\Userdata;

/**
 * Issue 5, 1: where ExpressionEngine's variables come from. What each of them is: ExpressionEngine/VariablesTest.
 */
final class VariablesTest extends UserdataTestCase
{
    /** As databases may give them. */
    public function testNumbersMayComeAsDigits(): void
    {
        $numbers = array_column(array_filter(self::documented(), self::isNumberOfMemberData(...)), 0);
        $this->members(array_fill_keys($numbers, '17'));
        self::assertSame(array_fill_keys($numbers, 17), array_intersect_key($this->ask($this->member(), ['all_userdata'])[0], array_flip($numbers)));
    }

    public function testUnknownNamesGiveTheDefaultAndTheProvidersOwnAreKnown(): void
    {
        $this->members(['shoe_size' => 42, 'nothing' => null, 'can_fly' => 'y']);
        $asked = [['userdata', 'nonsense'], ['userdata', 'nonsense', null], ['userdata', 'shoe_size', 7], ['userdata', 'nothing', 7], ['userdata', 'can_fly']];
        self::assertSame([false, null, 7, 7, false], $this->ask(self::visitor(), ...$asked));
        $visitor = $this->member();
        self::assertSame([false, null, 42, 7, 'y'], $this->ask($visitor, ...$asked));
        self::assertSame(42, $this->ask($visitor, ['all_userdata'])[0]['shoe_size']);
    }

    public function testWhatTheProviderLeavesOutIsAsForAGuestButNotWhoItIs(): void
    {
        $this->members([]);
        self::assertSame(
            [1, 'alice', 3, 'n', 'UTC'],
            $this->ask($this->member(), ['userdata', 'member_id'], ['userdata', 'username'], ['userdata', 'group_id'], ['userdata', 'can_search'], ['userdata', 'timezone'])
        );
    }

    public function testAProviderOfNamesAloneIsEnough(): void
    {
        $visitor = self::visitor();
        $calls = [['userdata', 'member_id'], ['userdata', 'username'], ['userdata', 'can_access_cp']];
        $visitor->send($this->request([['login', 'alice', 'ecila']], 'plain'));
        self::assertSame([1, 'alice', 'n'], self::said($visitor->send($this->request($calls, 'plain')))['results']);
        self::assertSame([1, 'alice', 'n'], self::said($visitor->send($this->request($calls, 'none')))['results']);
    }

    /** @return iterable<string, array{string, mixed}> */
    public static function wrong(): iterable
    {
        yield 'a word for a number' => ['group_id', 'admin'];
        yield 'a number and more' => ['group_id', '1 or so'];
        yield 'yes' => ['can_access_cp', 'yes'];
        yield 'a list as text' => ['ignore_list', '4|7'];
        yield 'an array for a text' => ['email', ['a']];
    }

    /** @dataProvider wrong */
    public function testWhatIsNoSuchTypeIsRefusedAndNobodyIsLoggedIn(string $name, mixed $value): void
    {
        $this->members([$name => $value]);
        $visitor = self::visitor();
        [$login, $isLoggedIn] = $this->ask($visitor, ['login', 'alice', 'ecila'], ['isLoggedin']);
        self::assertSame('Holdfast\Exception\InvalidState', $login['thrown']);
        self::assertStringContainsString("'$name'", $login['message']);
        self::assertFalse($isLoggedIn);
    }

    public function testBooleansArePrivilegesToo(): void
    {
        $this->members(['can_search' => true, 'can_access_cp' => false, 'can_view_online_system' => false]);
        self::assertSame(
            ['y', 'n', 'n'],
            $this->ask($this->member(), ['userdata', 'can_search'], ['userdata', 'can_access_cp'], ['userdata', 'can_view_online_system'])
        );
    }

    public function testThePropertyCannotBeChangedAndAVariableOfTheNameIsAnother(): void
    {
        $visitor = self::visitor();
        [$refused] = $this->ask($visitor, ['__set', 'userdata', 1]);
        self::assertSame('Holdfast\Exception\InvalidState', $refused['thrown']);
        [, $variable, $property] = $this->ask($visitor, ['set', 'userdata', 'mine'], ['get', 'userdata'], ['->userdata']);
        self::assertSame('mine', $variable);
        self::assertSame(3, $property['group_id']);
    }

    public function testAskingAGuestStoresNothing(): void
    {
        $answer = self::visitor()->send($this->request([['all_userdata'], ['userdata', 'session_id'], ['get_language'], ['getMember']]));
        self::assertSame([], $answer->cookies());
    }

    public function testGetMemberLanguageAndSessionId(): void
    {
        $this->members(['language' => 'deutsch']);
        self::assertSame([null, 'english', 0], $this->ask(self::visitor(), ['getMember'], ['get_language'], ['session_id']));
        self::assertSame(
            [['id' => 1, 'name' => 'alice'], 'deutsch', 0],
            $this->ask($this->member(), ['getMember'], ['get_language'], ['session_id', 'user'])
        );
        $this->members(['language' => '../../etc']);
        self::assertSame(['english'], $this->ask($this->member(), ['get_language']), 'it names a directory');
    }

    public function testAdminSessIsTheSessionsMarkForMembers(): void
    {
        $this->members([]);
        $visitor = self::visitor();
        self::assertSame(['the session', 0], $this->ask($visitor, ['set', '_admin_sess', 1], ['userdata', 'admin_sess']));
        $visitor = $this->member();
        self::assertSame(['the session', 1], $this->ask($visitor, ['set', '_admin_sess', 1], ['userdata', 'admin_sess']));
        self::assertSame([1], $this->ask($visitor, ['userdata', 'admin_sess']));
    }

    /** @param array{string, string, mixed, string} $variable */
    private static function isNumberOfMemberData(array $variable): bool
    {
        return $variable[1] === 'int' && $variable[3] === 'member data';
    }
}
