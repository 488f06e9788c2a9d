<?php

declare(strict_types=1);

namespace Holdfast\Tests\ProcessWire;

use Holdfast\Tests\Authentication\MembersTestCase;
use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\Response;

/**
 * Each row of ProcessWire's own list of what `$session` has, over HTTP: that it is there, with its names and defaults, and
 * that it does what the row says. What lies behind each is tested where it is at home.
 */
final class EveryRowTest extends MembersTestCase
{
    protected static function settings(): array
    {
        return ['holdfast.throttle' => 0];
    }

    public function testRedirect(): void
    {
        $answer = $this->send(self::visitor(), ['redirect', '/thank-you/']);
        self::assertSame([302, ['/thank-you/']], [$answer->status, $answer->header('Location')]);
        self::assertSame(301, $this->send(self::visitor(), ['redirect', '/', true])->status);
    }

    public function testRedirectUrl(): void
    {
        $visitor = self::visitor();
        self::assertSame([''], self::call($visitor, ['redirectUrl']));
        self::call($visitor, ['redirectUrl', '/members/']);
        self::assertSame(['/members/'], self::call($visitor, ['redirectUrl']));
    }

    public function testGet(): void
    {
        $this->keeps([['set', 'name', 'Bob']], ['get', 'name'], 'Bob');
        $this->keeps([], ['get', 'missing'], null);
    }

    public function testGetFor(): void
    {
        $this->keeps([['setFor', 'ns', 'name', 'Bob']], ['getFor', 'ns', 'name'], 'Bob');
        $this->keeps([['setFor', 'ns', 'name', 'Bob']], ['getFor', 'ns', ''], ['name' => 'Bob']);
    }

    public function testGetIP(): void
    {
        self::assertSame(['127.0.0.1', 2130706433], self::call(self::visitor(), ['getIP'], ['getIP', true]));
    }

    public function testGetId(): void
    {
        $visitor = self::visitor();
        self::assertSame([''], self::call($visitor, ['getId']));
        self::call($visitor, ['set', 'x', 1]);
        self::assertSame([$visitor->cookies['holdfast']], self::call($visitor, ['getId']));
    }

    public function testSet(): void
    {
        $this->keeps([['set', 'cart', ['tea' => 2]]], ['get', 'cart'], ['tea' => 2]);
    }

    public function testSetFor(): void
    {
        $this->keeps([['setFor', 'shop', 'cart', [1]]], ['getAllFor', 'shop'], ['cart' => [1]]);
    }

    public function testRemove(): void
    {
        $this->keeps([['set', 'a', 1], ['remove', 'a']], ['get', 'a'], null);
    }

    public function testRemoveFor(): void
    {
        $this->keeps([['setFor', 'ns', 'a', 1], ['setFor', 'ns', 'b', 2], ['removeFor', 'ns', 'a']], ['getAllFor', 'ns'], ['b' => 2]);
    }

    public function testRemoveAllFor(): void
    {
        $this->keeps([['setFor', 'ns', 'a', 1], ['removeAllFor', 'ns']], ['getAllFor', 'ns'], []);
    }

    public function testGetForUser(): void
    {
        $member = self::member();
        self::call($member, ['set', 'seen', 7]);
        self::assertSame([7], self::call(self::visitor(), ['getForUser', 1, 'seen']));
    }

    public function testGetCookieName(): void
    {
        self::assertSame(['holdfast'], self::call(self::visitor(), ['getCookieName']));
    }

    /** @dataProvider notices */
    public function testNotices(string $add, string $get): void
    {
        $visitor = self::visitor();
        self::assertSame(['the session'], self::call($visitor, [$add, 'It is done.']));
        self::assertSame(['It is done.'], array_column(self::call($visitor, [$get, false])[0], 'text'));
        self::assertSame(['It is done.'], array_column(self::call($visitor, [$get])[0], 'text'));
        self::assertSame([[]], self::call($visitor, [$get]));
        self::assertSame([2], array_column(self::call($visitor, [$add, 'With a flag', 2], [$get])[1], 'flags'));
    }

    /** @return array<string, array{string, string}> */
    public static function notices(): array
    {
        return ['message' => ['message', 'messages'], 'error' => ['error', 'errors'], 'warning' => ['warning', 'warnings']];
    }

    public function testClearNotices(): void
    {
        $visitor = self::visitor();
        self::call($visitor, ['message', 'a'], ['error', 'b'], ['warning', 'c']);
        self::call($visitor, ['clearNotices']);
        self::assertSame([[], [], []], self::call($visitor, ['messages'], ['errors'], ['warnings']));
    }

    public function testLogin(): void
    {
        $this->keeps([['login', 'alice', 'ecila']], ['isLoggedin'], true);
        $this->keeps([['login', 'alice', 'wrong']], ['isLoggedin'], false);
    }

    public function testLoginSuccess(): void
    {
        $called = self::said(self::visitor()->get('/called.php?do=login'));
        self::assertContains('loginSuccess alice', $called);
    }

    public function testLogout(): void
    {
        $this->keeps([['login', 'alice', 'ecila'], ['set', 'x', 1], ['logout']], ['isLoggedin'], false);
        $this->keeps([['login', 'alice', 'ecila'], ['set', 'x', 1], ['logout']], ['get', 'x'], null);
    }

    public function testForceLogin(): void
    {
        $this->keeps([['forceLogin', 'alice']], ['isLoggedin'], true);
        self::assertContains('forced alice', self::said(self::visitor()->get('/called.php?do=force')), 'with the user itself');
    }

    public function testAllowLogin(): void
    {
        self::assertSame([true, false], self::call(self::visitor(), ['allowLogin', 'alice', 'ecila'], ['allowLogin', '', '']));
    }

    public function testIsLoggedin(): void
    {
        self::assertSame([false], self::call(self::visitor(), ['isLoggedin']));
        self::assertSame([true], self::call(self::member(), ['isLoggedin']));
    }

    public function testGetCSRF(): void
    {
        $visitor = self::visitor();
        $field = $visitor->get('/form.php')->body;
        self::assertMatchesRegularExpression("/^<input type='hidden' name='(TOKEN\\w+)' value='([\\w-]+)' class='_post_token' \\/>$/", $field);
        preg_match("/name='(\\w+)' value='([\\w-]+)'/", $field, $token);
        self::assertSame('valid', $visitor->post('/form.php', [$token[1] => $token[2]])->body);
        self::assertSame('not valid', $visitor->post('/form.php', [$token[1] => 'x'])->body);
    }

    public function testCSRF(): void
    {
        $this->testGetCSRF();
    }

    public function testInit(): void
    {
        self::assertSame([true], self::call(self::visitor(), ['init']));
    }

    public function testStart(): void
    {
        $this->keeps([['set', 'a', 1], ['close'], ['start'], ['set', 'b', 2]], ['get', 'b'], 2);
    }

    public function testDestroy(): void
    {
        $this->keeps([['set', 'a', 1], ['destroy']], ['get', 'a'], null);
    }

    public function testSetCookieName(): void
    {
        $visitor = self::visitor();
        self::call($visitor, ['setCookieName', 'shop'], ['set', 'a', 1]);
        self::assertSame(['shop'], array_keys($visitor->cookies));
    }

    public function testSetSecondaryID(): void
    {
        $visitor = self::visitor();
        self::call($visitor, ['setSecondaryID', 'sid-1']);
        self::assertSame(['sid-1'], self::call($visitor, ['getSecondaryID']));
        self::assertSame('sid-1', self::call(self::visitor(), ['findBySecondaryID', 'sid-1'])[0]['secondaryId']);
    }

    public function testSetTrackChanges(): void
    {
        $changes = static fn (array ...$calls): array => self::call(self::visitor(), ...$calls, ...[['getChanges']]);
        self::assertSame(['a'], array_slice($changes(['set', 'a', 1]), -1)[0], 'it is on, as in ProcessWire');
        self::assertSame([], array_slice($changes(['setTrackChanges', false], ['set', 'a', 1]), -1)[0]);
        self::assertSame(['login'], array_slice($changes(['login', 'alice', 'ecila']), -1)[0]);
        self::assertContains('logout', array_slice($changes(['login', 'alice', 'ecila'], ['logout']), -1)[0]);
    }

    public function testSave(): void
    {
        self::assertSame(['the session', true], self::call(self::visitor(), ['set', 'a', 1], ['save']));
    }

    public function testMaintenance(): void
    {
        $visitor = self::visitor();
        $options = ['history' => 3];
        $visitor->send(self::request([['set', 'a', 1]], $options));
        $visitor->send(self::request([['maintenance']], $options));
        self::assertNotSame([[]], self::said($visitor->send(self::request([['getHistory']], $options)))['results']);
    }

    public function testHookLogin(): void
    {
        self::assertContains('hookLogin alice true', self::said(self::visitor()->get('/called.php?do=login')));
        self::assertContains('hookLogin alice false', self::said(self::visitor()->get('/called.php?do=fail')));
    }

    public function testHookLogout(): void
    {
        self::assertContains('hookLogout alice', self::said(self::visitor()->get('/called.php?do=login,logout')));
    }

    /** @param list<mixed> $call */
    private function send(Browser $visitor, array $call): Response
    {
        return $visitor->send(self::request([$call]));
    }

    /**
     * What one request does, the visitor's next one finds.
     *
     * @param list<list<mixed>> $first
     * @param list<mixed> $then
     */
    private function keeps(array $first, array $then, mixed $found): void
    {
        $visitor = self::visitor();
        self::call($visitor, ...$first);
        self::assertSame([$found], self::call($visitor, $then));
    }
}
