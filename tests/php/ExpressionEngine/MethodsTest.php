<?php

declare(strict_types=1);

namespace Holdfast\Tests\ExpressionEngine;

use Holdfast\Tests\Userdata\UserdataTestCase;

/**
 * Each method of ExpressionEngine's User Guide, and the property `tracker`, over HTTP: what its table says it takes and returns.
 * What lies behind each is tested where it is at home.
 */
final class MethodsTest extends UserdataTestCase
{
    protected static function settings(): array
    {
        return ['holdfast.tracker' => 1] + parent::settings();
    }

    /** "The value associated with the key", "an optional default value to use if the key isn't set". */
    public function testUserdata(): void
    {
        $this->members(['screen_name' => 'Alice L.', 'can_search' => 'n', 'total_entries' => 0, 'email' => '']);
        $calls = [
            ['userdata', 'screen_name'], ['userdata', 'screen_name', 'default'], ['userdata', 'total_entries', 7], ['userdata', 'email', 'default'],
            ['userdata', 'no such key'], ['userdata', 'no such key', 'default'], ['userdata', 'no such key', true], ['userdata', 'no such key', [1]],
        ];
        $unknown = [false, 'default', true, [1]];
        self::assertSame(['', '', 0, '', ...$unknown], $this->ask(self::visitor(), ...$calls), 'a guest');
        $member = $this->member();
        self::assertSame(['Alice L.', 'Alice L.', 0, '', ...$unknown], $this->ask($member, ...$calls), 'what is set is not the default, empty or not');
        self::assertArrayNotHasKey('no such key', $this->ask($member, ['->userdata'])[0]);
    }

    /** "Returns Void"; "$key Mixed, $val = ''". */
    public function testSetFlashdata(): void
    {
        $visitor = self::visitor();
        $set = [['set_flashdata', 'result_message', 'Entry Deleted!'], ['set_flashdata', 'empty'], ['set_flashdata', 7, 'seven'], ['set_flashdata', ['a' => 1, 'b' => [2]]]];
        self::assertSame([null, null, null, null], $this->ask($visitor, ...$set));
        self::assertSame(
            ['result_message' => 'Entry Deleted!', 'empty' => '', 7 => 'seven', 'a' => 1, 'b' => [2]],
            $this->ask($visitor, ['flashdata'])[0]
        );
    }

    /** In the next request and only there. */
    public function testFlashdata(): void
    {
        $visitor = self::visitor();
        $get = ['flashdata', 'result_message'];
        self::assertSame([false, null, false], $this->ask($visitor, $get, ['set_flashdata', 'result_message', 'Entry Deleted!'], $get));
        self::assertSame(['Entry Deleted!', 'Entry Deleted!', ['result_message' => 'Entry Deleted!']], $this->ask($visitor, $get, $get, ['->flashdata']));
        self::assertSame([false, []], $this->ask($visitor, $get, ['->flashdata']));
    }

    /** "Returns Object: Session class"; "values that you would like to persist during a page load". */
    public function testSetCache(): void
    {
        $visitor = self::visitor();
        self::assertSame(
            ['the session', 'the session', 'the session', 'another', 7, ['module' => ['name' => 'another'], 'other' => ['name' => 7]]],
            $this->ask(
                $visitor,
                ['set_cache', 'module', 'name', 'a value'],
                ['set_cache', 'other', 'name', 7],
                ['set_cache', 'module', 'name', 'another'],
                ['cache', 'module', 'name'],
                ['cache', 'other', 'name'],
                ['->cache']
            )
        );
        self::assertSame([], $visitor->cookies, 'nothing of it is stored');
    }

    /** "The stored data", "default value if the $key doesn't exist". */
    public function testCache(): void
    {
        $visitor = self::visitor();
        $get = [['cache', 'module', 'name'], ['cache', 'module', 'name', 'default'], ['cache', 'module', 'name', null]];
        self::assertSame([false, 'default', null], $this->ask($visitor, ...$get));
        self::assertSame(['the session', [1, 2], [1, 2], [1, 2]], $this->ask($visitor, ['set_cache', 'module', 'name', [1, 2]], ...$get));
        self::assertSame([false, 'default', null], $this->ask($visitor, ...$get), 'the next page load has none of it');
        self::assertSame([], $visitor->cookies);
    }

    /** "The last five ExpressionEngine pages viewed by this user", "'index' for main site page". */
    public function testTracker(): void
    {
        $visitor = self::visitor();
        $tracker = static fn (string $page): array => self::said($visitor->get("/tracked/index.php$page"))['tracker'];
        self::assertSame(['index'], $tracker('?do=set'));
        self::assertSame(['channel/comments', 'index'], $tracker('/channel/comments/'));
        self::assertSame(['channel/comments', 'index'], $tracker('/channel/comments/'), 'reloaded');
        foreach (['/a', '/b', '/c'] as $page) {
            $tracker($page);
        }
        self::assertSame(['0' => 'd', '1' => 'c', '2' => 'b', '3' => 'a', '4' => 'channel/comments'], $tracker('/d'));
    }
}
