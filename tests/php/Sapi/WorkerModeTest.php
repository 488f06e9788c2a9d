<?php

declare(strict_types=1);

namespace Holdfast\Tests\Sapi;

/**
 * No visitor's session is in another's request, where one process and one script serve them all
 * (docs/worker-servers.md): FrankenPHP's worker mode, and servers that tell modules nothing. `ordinary` is the same script
 * run for each request, which shows that the tests ask for what is right.
 */
final class WorkerModeTest extends WorkerTestCase
{
    /** @dataProvider modes */
    public function testEachVisitorHasTheirOwnSessionInAnObjectThatTheScriptKeeps(string $mode): void
    {
        $server = $this->server($mode);
        [$a, $b, $c] = [new Visitor($server), new Visitor($server), new Visitor($server)];
        self::assertTrue($a->call('set', 'name', 'Ann'));
        self::assertNotSame([], $a->cookies);
        self::assertNull($b->call('get', 'name'));
        self::assertSame([], $b->cookies, 'who has nothing stored gets no cookie');
        self::assertSame([], $b->call('getAll'));
        self::assertTrue($c->call('set', 'name', 'Cid'));
        self::assertNotSame($a->cookies, $c->cookies);
        self::assertSame('Ann', $a->call('get', 'name'));
        self::assertSame('Cid', $c->call('get', 'name'));
        self::assertSame('Ann', $a->call('new', 'name'));
        self::assertSame('Cid', $c->call('current', 'name'));
        self::assertNull($b->call('current', 'name'));
        self::assertSame('', $b->call('getId'));
        self::assertNotSame($a->call('getId'), $c->call('getId'));
        $this->endInPeace($server);
    }

    /** @dataProvider modes */
    public function testChangesAreSavedWithoutASave(string $mode): void
    {
        $server = $this->server($mode);
        $visitor = new Visitor($server);
        $visitor->call('set', 'n', 1);
        $visitor->call('append', 'one');
        $visitor->call('append', 'two');
        $visitor->call('object', 'thing', 'inside');
        // Another process looks, while this one is still there.
        $elsewhere = new Visitor($other = $this->server('ordinary'));
        $elsewhere->cookies = $visitor->cookies;
        self::assertSame(1, $elsewhere->call('get', 'n'));
        self::assertSame(['one', 'two'], $elsewhere->call('get', 'list'));
        self::assertSame(['inside'], $elsewhere->call('get', 'thing'));
        $this->endInPeace($server);
        $this->endInPeace($other);
    }

    /** @dataProvider modes */
    public function testAGuestAfterAMemberIsAGuest(string $mode): void
    {
        $server = $this->server($mode);
        [$member, $guest, $other] = [new Visitor($server), new Visitor($server), new Visitor($server)];
        $member->call('login', 'ann', 'right');
        self::assertSame('ann', $member->call('user'));
        self::assertNull($guest->call('user'));
        self::assertFalse($guest->call('isLoggedin'));
        self::assertFalse($guest->call('login', 'bob', 'wrong') ?? false);
        $other->call('login', 'bob', 'right');
        self::assertSame('bob', $other->call('user'));
        self::assertSame('ann', $member->call('user'));
        self::assertSame($mode === 'ordinary' ? 0 : 2, $guest->call('hooked'), "the script's hooks stay");
        $member->call('logout');
        self::assertNull($member->call('user'));
        self::assertSame('bob', $other->call('user'));
        $this->endInPeace($server);
    }

    /** @dataProvider modes */
    public function testAnotherBrowserWithTheIdIsRefused(string $mode): void
    {
        $server = $this->server($mode);
        [$member, $thief] = [new Visitor($server), new Visitor($server, 'Another')];
        $member->call('login', 'ann', 'right');
        $thief->cookies = $member->cookies;
        self::assertNull($thief->call('user'));
        self::assertSame('ann', $member->call('user'));
        $this->endInPeace($server);
    }

    /** @dataProvider modes */
    public function testIdsThatEndOrChangeAreOneVisitorsAffair(string $mode): void
    {
        $server = $this->server($mode);
        [$a, $b, $guest] = [new Visitor($server), new Visitor($server), new Visitor($server)];
        $a->call('set', 'name', 'Ann');
        $b->call('set', 'name', 'Bob');
        $before = $a->call('getId');
        $a->call('regenerate');
        self::assertNull($guest->call('get', 'name'));
        self::assertSame([], $guest->cookies);
        self::assertNotSame($before, $a->call('getId'));
        self::assertSame('Bob', $b->call('get', 'name'));
        $b->call('destroy');
        self::assertSame([], $b->cookies);
        self::assertSame('Ann', $a->call('get', 'name'));
        self::assertNull($b->call('get', 'name'));
        $this->endInPeace($server);
    }

    /** @dataProvider modes */
    public function testTheLockIsLetGo(string $mode): void
    {
        $settings = ['holdfast.locking' => 'on', 'holdfast.lock_wait' => 1];
        [$server, $other] = [$this->server($mode, $settings), $this->server('ordinary', $settings)];
        $visitor = new Visitor($server);
        $visitor->call('set', 'n', 1);
        self::assertSame(1, $visitor->call('get', 'n'));
        $elsewhere = new Visitor($other);
        $elsewhere->cookies = $visitor->cookies;
        self::assertSame(1, $elsewhere->call('get', 'n'), 'the lock of an ended request is free');
        self::assertTrue($visitor->call('set', 'n', 2));
        self::assertSame(2, $elsewhere->call('get', 'n'));
        $this->endInPeace($server);
        $this->endInPeace($other);
    }

    /** @dataProvider modes */
    public function testWhatIsForOneRequestEndsWithIt(string $mode): void
    {
        $server = $this->server($mode);
        [$a, $b] = [new Visitor($server), new Visitor($server)];
        $a->call('keep', 'for this page');
        self::assertNull($b->call('kept'));
        $a->call('set_flashdata', 'told', 'once');
        self::assertFalse((bool) $b->call('flashdata', 'told'));
        self::assertSame('once', $a->call('flashdata', 'told'));
        self::assertFalse((bool) $a->call('flashdata', 'told'));
        $token = $a->call('token');
        self::assertNotSame($token, $b->call('token'));
        self::assertSame($token, $a->call('token'));
        $this->endInPeace($server);
    }

    /** @dataProvider modes */
    public function testTheVariableOfAutoStartIsTheVisitors(string $mode): void
    {
        $server = $this->server($mode, ['holdfast.auto_start' => 1]);
        [$a, $b] = [new Visitor($server), new Visitor($server)];
        self::assertTrue($a->call('autoSet', 'name', 'Ann'));
        self::assertNull($b->call('auto', 'name'));
        self::assertSame('Ann', $a->call('auto', 'name'));
        $this->endInPeace($server);
    }

    /** @dataProvider modes */
    public function testTheSuperglobalIsTheVisitors(string $mode): void
    {
        $server = $this->server($mode);
        [$a, $b, $c] = [new Visitor($server), new Visitor($server), new Visitor($server)];
        $a->call('superset', 'name', 'Ann');
        self::assertNull($b->call('superglobal', 'name'), 'before session_start() there is nothing');
        self::assertSame([], $b->call('read'));
        self::assertSame([], $c->call('read'));
        $c->call('superclose', 'name', 'Cid');
        self::assertNull($b->call('superglobal', 'name'));
        self::assertSame([], $b->call('read'));
        self::assertSame('Ann', $a->call('start', 'name'));
        self::assertSame('Cid', $c->call('start', 'name'));
        self::assertNotSame($a->cookies, $c->cookies);
        $this->endInPeace($server);
    }

    /** @dataProvider modes */
    public function testWhatCannotBeSavedIsToldAndNobodyElses(string $mode): void
    {
        $server = $this->server($mode);
        [$a, $b] = [new Visitor($server), new Visitor($server)];
        $a->call('set', 'name', 'Ann');
        $a->call('throw', 'name', 'secret');
        self::assertNull($b->call('get', 'name'));
        self::assertSame('Ann', $a->call('get', 'name'));
        self::assertStringContainsString('session could not be saved', $this->stop($server));
    }

    public function testBetweenTwoRequestsThereIsNobodysSession(): void
    {
        putenv('BETWEEN=1');
        try {
            foreach (['frankenphp', 'reloading', 'bare'] as $mode) {
                $server = $this->server($mode);
                [$a, $b] = [new Visitor($server), new Visitor($server)];
                $a->call('set', 'name', 'Ann');
                self::assertNull($b->call('get', 'name'), $mode);
                self::assertSame([], $b->cookies);
                self::assertSame('Ann', $a->call('get', 'name'));
                $this->endInPeace($server);
            }
        } finally {
            putenv('BETWEEN');
        }
    }

    public function testAServerThatSaysNothingCarriesNothingOver(): void
    {
        $server = $this->server('mute');
        [$a, $b, $c] = [new Visitor($server), new Visitor($server), new Visitor($server)];
        $a->call('set', 'name', 'Ann');
        self::assertSame([], $b->call('getAll'));
        self::assertSame([], $b->cookies);
        $c->call('superset', 'name', 'Cid');
        self::assertNull($b->call('superglobal', 'name'));
        self::assertSame([], $b->call('read'));
        self::assertSame('Cid', $c->call('start', 'name'));
        self::assertNull($a->call('get', 'name'), 'nobody has saved it');
        self::assertStringContainsString('call save() or close() at the end', $this->stop($server));
    }

    /** @dataProvider modes */
    public function testAThousandMixedRequestsOfEightVisitors(string $mode): void
    {
        $server = $this->server($mode, ['holdfast.throttle' => 0]);
        mt_srand(8);
        $visitors = $models = [];
        for ($number = 0; $number < 8; ++$number) {
            $visitors[] = new Visitor($server, "Browser $number");
            $models[] = ['class' => [], 'super' => [], 'user' => null];
        }
        for ($request = 0; $request < 1000; ++$request) {
            $at = mt_rand(0, 7);
            $visitor = $visitors[$at];
            $model = &$models[$at];
            [$name, $value] = ['v' . mt_rand(0, 3), "$at of $request"];
            $where = "$mode, request $request";
            switch (mt_rand(0, 9)) {
                case 0:
                    $visitor->call('set', $name, $value);
                    $model['class'][$name] = $value;
                    break;
                case 1:
                    $visitor->call('remove', $name);
                    unset($model['class'][$name]);
                    break;
                case 2:
                    self::assertSame($model['class'][$name] ?? null, $visitor->call('get', $name), $where);
                    break;
                case 3:
                    $visitor->call('superset', $name, $value);
                    $model['super'][$name] = $value;
                    break;
                case 4:
                    self::assertEquals($model['super'], $visitor->call('read'), $where);
                    break;
                case 5:
                    self::assertNull($visitor->call('superglobal', $name), $where);
                    break;
                case 6:
                    if ($model['class'] !== [] || $model['user'] !== null) {
                        $visitor->call('regenerate');
                    }
                    break;
                case 7:
                    self::assertSame($model['user'], $visitor->call('user'), $where);
                    break;
                case 8:
                    $visitor->call('login', "user $at", 'right');
                    $model['user'] = "user $at";
                    break;
                case 9:
                    if (mt_rand(0, 3) === 0) {
                        $visitor->call('destroy');
                        $model['class'] = [];
                        $model['user'] = null;
                    }
                    self::assertSame($model['class']['v0'] ?? null, $visitor->call('new', 'v0'), $where);
                    break;
            }
            unset($model);
        }
        $this->endInPeace($server);
    }
}
