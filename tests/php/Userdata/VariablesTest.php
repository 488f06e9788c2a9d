<?php

declare(strict_types=1);

namespace Holdfast\Tests\Userdata;

/**
 * Issue 5, 1: every variable of ExpressionEngine's two lists, for guests and members, as docs/expressionengine-api.md says.
 */
final class VariablesTest extends UserdataTestCase
{
    /** As a database may give them: numbers as text. */
    private const GIVEN = ['int' => '17', 'string' => 'something', 'y/n' => 'y', 'array' => [4, 7]];

    /** @return iterable<string, array{string, string, mixed, string}> */
    public static function variables(): iterable
    {
        foreach (self::documented() as $variable) {
            yield $variable[0] => $variable;
        }
    }

    public function testTheDocumentationListsWhatThereIs(): void
    {
        [$all] = $this->ask(self::visitor(), ['all_userdata']);
        self::assertSame(array_column(self::documented(), 0), array_keys($all));
        self::assertCount(85, $all);
    }

    /** @dataProvider variables */
    public function testAGuestHasTheDefault(string $name, string $type, mixed $default, string $source): void
    {
        $visitor = self::visitor();
        $headers = ['User-Agent' => 'Mosaic/1.0'];
        $results = self::said($visitor->send($this->request([['userdata', $name, 'other'], ['->userdata'], ['all_userdata']], headers: $headers)))['results'];
        $expected = match ($name) {
            'ip_address' => '127.0.0.1',
            'user_agent' => 'Mosaic/1.0',
            'session_id' => '',
            default => $default,
        };
        self::assertSame([$expected, $expected, $expected], [$results[0], $results[1][$name], $results[2][$name]]);
        self::assertSame(self::typeOf($type), get_debug_type($results[0]));
        if ($type === 'y/n') {
            self::assertContains($results[0], ['y', 'n']);
        }
    }

    /** @dataProvider variables */
    public function testAMemberHasWhatTheProviderSays(string $name, string $type, mixed $default, string $source): void
    {
        $data = array_fill_keys(array_column(self::documented(), 0), null);
        foreach (self::documented() as [$each, $eachType, $eachDefault]) {
            $data[$each] = self::given($eachType, $eachDefault);
        }
        $this->members($data);
        $visitor = $this->member();
        $answer = self::said($visitor->send($this->request([['userdata', $name], ['->userdata'], ['all_userdata']])));
        $results = $answer['results'];
        $expected = match (true) {
            $name === 'member_id' => 1,
            $name === 'is_banned', $name === 'admin_sess' => 0,
            $name === 'can_debug' => 'n',
            $name === 'session_id' => $answer['id'],
            $name === 'ip_address' => '127.0.0.1',
            $name === 'user_agent' => $results[0],
            $type === 'int' => 17,
            default => self::given($type, $default),
        };
        self::assertSame([$expected, $expected, $expected], [$results[0], $results[1][$name], $results[2][$name]]);
        self::assertSame(self::typeOf($type), get_debug_type($results[0]));
        self::assertNotSame('', $answer['id']);
        if ($name === 'user_agent') {
            self::assertNotSame('something', $results[0], 'the browser says it, not the provider');
        }
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

    /** What a provider gives for a variable, in the form of a database: another value than a guest's. */
    private static function given(string $type, mixed $default): mixed
    {
        return $default === 'y' ? 'n' : self::GIVEN[$type];
    }

    private static function typeOf(string $type): string
    {
        return $type === 'y/n' ? 'string' : $type;
    }
}
