<?php

declare(strict_types=1);

namespace Holdfast\Tests\Hooks;

use Holdfast\Tests\HoldfastTestCase;

/**
 * Issue 4, item 7: addHook, addHookBefore, addHookAfter, with ProcessWire's order, replacing and cancelling.
 */
final class HookingTest extends HoldfastTestCase
{
    /** PHP code with a session, and a hook that notes what it is told. */
    private const NOTING = <<<'PHP'
        $session = new Session();
        $notes = [];
        $note = static function (string $name) use (&$notes): Closure {
            return static function (HookEvent $event) use ($name, &$notes): void { $notes[] = "$name $event->when"; };
        };

        PHP;

    public function testBeforeAndAfter(): void
    {
        $this->passes(self::NOTING . <<<'PHP'
            $session->addHookAfter('changed', $note('a'));
            $session->addHookBefore('changed', $note('b'));
            $session->addHook('changed', $note('c'));
            $session->addHook('changed', $note('d'), null, ['before' => true]);
            $session->addHookBefore('changed', $note('e'), null, ['after' => true]);
            assert($session->changed('x') === null);
            assert($notes === ['b before', 'd before', 'e before', 'a after', 'c after', 'd after', 'e after'], implode(', ', $notes));
            PHP);
    }

    public function testTheClassMayBeNamed(): void
    {
        $this->passes(self::NOTING . <<<'PHP'
            $session->addHookAfter('Session::changed', $note('short'));
            $session->addHookAfter('Holdfast\Session::changed', $note('full'));
            $session->addHookAfter('\Holdfast\Session::changed()', $note('leading'));
            $session->addHookAfter('___changed', $note('underscores'));
            $session->addHookAfter('CHANGED', $note('capitals'));
            $session->changed('x');
            assert($notes === ['short after', 'full after', 'leading after', 'underscores after', 'capitals after'], implode(', ', $notes));
            PHP);
    }

    public function testALowerPriorityRunsFirst(): void
    {
        $this->passes(self::NOTING . <<<'PHP'
            foreach ([100, 9, 100, 1000, -5, '50', 50.5] as $at => $priority) {
                $session->addHookAfter('changed', $note("$priority/$at"), ['priority' => $priority]);
            }
            $session->addHookAfter('changed', $note('none'));
            $session->addHookAfter('Session::changed', $note('fourth'), null, ['priority' => 99]);
            $session->changed('x');
            $order = ['-5/4', '9/1', '50/5', '50.5/6', 'fourth', '100/0', '100/2', 'none', '1000/3'];
            assert($notes === array_map(fn ($name) => "$name after", $order), implode(', ', $notes));
            PHP);
    }

    /** In ProcessWire an id is class:priority:method, and the priority has a place behind a point. */
    public function testTheIds(): void
    {
        $this->passes(self::NOTING . <<<'PHP'
            assert($session->addHook('changed', $note('a')) === ':100.0:changed');
            assert($session->addHook('changed', $note('a')) === ':100.1:changed');
            assert($session->addHook('Session::changed', $note('a')) === 'Session:100.2:changed');
            assert($session->addHook('log', $note('a'), ['priority' => 7]) === ':7.0:log');
            for ($more = 0; $more < 20; ++$more) {
                $ids[] = $session->addHook('Changed', $note("$more"));
            }
            assert(count(array_unique($ids)) === 20);
            $session->changed('x');
            assert(array_slice($notes, 3) === array_map(fn ($n) => "$n after", range(0, 19)), implode(', ', $notes));
            PHP);
    }

    public function testSeveralMethodsAtOnce(): void
    {
        $this->passes(self::NOTING . <<<'PHP'
            assert($session->addHookBefore(['changed', 'Session::init'], $note('a')) === ':100.0:changed,Session:100.0:init');
            assert($session->addHookBefore('changed(), init', $note('b')) === ':100.1:changed,:100.1:init');
            $session->changed('x');
            $session->init();
            assert($notes === ['a before', 'b before', 'a before', 'b before'], implode(', ', $notes));
            assert($session->addHookAfter('Session::ch*', $note('c')) === 'Session:100.2:changed');
            PHP);
    }

    public function testABeforeHookChangesTheArguments(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $seen = [];
            $session->addHookBefore('changed', static function (HookEvent $event): void {
                $event->arguments(0, strtoupper($event->arguments(0)));
                $event->setArgument('new', null);
                $event->setArgument(1, 'old');
            }, ['priority' => 1]);
            $session->addHookBefore('changed', static function (HookEvent $event) use (&$seen): void {
                $seen[] = $event->arguments;
                $event->arguments = ['last'];
            });
            $session->addHookAfter('changed', static function (HookEvent $event) use (&$seen): void {
                $seen[] = $event->arguments();
                $event->arguments(0, 'too late');
            });
            $session->addHookAfter('changed', static function (HookEvent $event) use (&$seen): void { $seen[] = $event->arguments(); });
            $name = 'name';
            $session->changed($name, 'was', 'is');
            assert($seen === [['NAME', 'old', null], ['last'], ['last']], json_encode($seen));
            assert($name === 'name');
            PHP);
    }

    public function testTheMethodGetsTheArgumentsOfTheBeforeHooks(): void
    {
        $log = $this->directory() . '/log';
        $this->passes(<<<'PHP'
            $session = new Session();
            $session->addHookBefore('log', static function (HookEvent $event): void {
                $event->arguments(0, $event->arguments(0) . ' (hooked)');
                $event->setArgument('options', ['name' => 'audit']);
            });
            $session->log('first');
            PHP, ['error_log' => $log]);
        self::assertMatchesRegularExpression('/^\[.+\] audit: first \(hooked\)\n$/D', (string) file_get_contents($log));
    }

    public function testAnAfterHookChangesTheResult(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $session->addHookAfter('changed', static function (HookEvent $event): string {
                assert($event->return === null);
                $event->return = [1];
                return 'what a hook returns is ignored';
            });
            $session->addHookAfter('changed', static function (HookEvent $event): void { $event->return[] = 2; });
            assert($session->changed('x') === [1, 2]);
            PHP);
    }

    public function testReplaceIsInThePlaceOfTheMethod(): void
    {
        $log = $this->directory() . '/log';
        $this->passes(<<<'PHP'
            $session = new Session();
            $order = [];
            $session->addHookBefore('log', static function (HookEvent $event) use (&$order): void {
                $order[] = 'first';
                $event->replace = true;
                $event->return = 'mine';
            });
            $session->addHookBefore('log', static function (HookEvent $event) use (&$order): void {
                $order[] = "second, $event->return, " . var_export($event->replace, true);
                $event->return = 'yours';
            });
            $session->addHookAfter('log', static function (HookEvent $event) use (&$order): void {
                $order[] = "after, $event->return";
                $event->return .= '!';
            });
            assert($session->log('text') === 'yours!');
            assert($order === ['first', 'second, mine, false', 'after, yours'], implode('; ', $order));
            PHP, ['error_log' => $log]);
        self::assertFileDoesNotExist($log);
    }

    /** Without replace, what a before-hook leaves in return counts for nothing. */
    public function testOnlyTrueReplaces(): void
    {
        $log = $this->directory() . '/log';
        $this->passes(<<<'PHP'
            $session = new Session();
            $session->addHookBefore('log', static function (HookEvent $event): void {
                $event->replace = 1;
                $event->return = 'mine';
            });
            assert($session->log('text') === $session);
            PHP, ['error_log' => $log]);
        self::assertStringEndsWith("session: text\n", (string) file_get_contents($log));
    }

    /** As ProcessWire does it: neither other hooks nor the method. Who cancels a login keeps somebody out. */
    public function testABeforeHookThatCancelsEndsTheCall(): void
    {
        $log = $this->directory() . '/log';
        $this->passes(self::NOTING . <<<'PHP'
            $replace = false;
            $session->addHookBefore('log', static function (HookEvent $event) use (&$replace): void {
                $event->cancelHooks = true;
                $event->replace = $replace;
                $event->return = 'counts where it replaces';
            });
            $session->addHookBefore('log', $note('second'));
            $session->addHookAfter('log', $note('after'));
            assert($session->log('text') === null);
            $replace = true;
            assert($session->log('text') === 'counts where it replaces');
            assert($notes === []);
            PHP, ['error_log' => $log]);
        self::assertFileDoesNotExist($log);
    }

    public function testAnAfterHookThatCancelsIsTheLast(): void
    {
        $this->passes(self::NOTING . <<<'PHP'
            $session->addHookAfter('changed', $note('first'), ['priority' => 1]);
            $session->addHookAfter('changed', static function (HookEvent $event): void {
                $event->cancel = true;
                $event->return = 'the last word';
            });
            $session->addHookAfter('changed', $note('second'));
            assert($session->changed('x') === 'the last word');
            assert($notes === ['first after'], implode(', ', $notes));
            PHP);
    }

    public function testWhateverCanBeCalled(): void
    {
        $this->passes(<<<'PHP'
            $called = [];
            function by_name(HookEvent $event): void { $GLOBALS['called'][] = 'function'; }
            class Listener
            {
                public function heard(HookEvent $event): void { $GLOBALS['called'][] = 'method'; }
                public static function alone(HookEvent $event): void { $GLOBALS['called'][] = 'static'; }
                public function __invoke(HookEvent $event): void { $GLOBALS['called'][] = 'invoked'; }
                private function secret(HookEvent $event): void { $GLOBALS['called'][] = 'private'; }
                public function listenTo(Session $session): void
                {
                    $session->addHook('changed', $this, 'secret');
                    $session->addHook('changed', [$this, 'secret']);
                }
                public function __call(string $name, array $arguments): void { $GLOBALS['called'][] = $name; }
            }
            $session = new Session();
            $listener = new Listener();
            $session->addHook('changed', 'by_name');
            $session->addHook('changed', null, 'by_name');
            $session->addHook('changed', $listener, 'heard');
            $session->addHook('changed', [$listener, 'heard']);
            $session->addHook('changed', null, [$listener, 'heard']);
            $session->addHook('changed', 'Listener::alone');
            $session->addHook('changed', ['Listener', 'alone']);
            $session->addHook('changed', $listener);
            $session->addHook('changed', $listener->heard(...));
            $session->addHook('changed', fn () => $GLOBALS['called'][] = 'closure');
            $session->addHook('changed', $listener, 'magic');
            $listener->listenTo($session);
            unset($listener);
            $session->changed('x');
            $all = ['function', 'function', 'method', 'method', 'method', 'static', 'static', 'invoked', 'method', 'closure', 'magic', 'private', 'private'];
            assert($called === $all, implode(', ', $called));
            PHP);
    }

    /** @dataProvider refused */
    public function testWhatCannotBeHookedIsAnError(string $call, string $named): void
    {
        $this->passes(<<<PHP
            function known() {}
            \$session = new Session();
            try {
                \$session->$call;
                assert(false, 'it was taken');
            } catch (Holdfast\\Exception\\InvalidArgument \$refused) {
                assert(str_contains(\$refused->getMessage(), '$named'), \$refused->getMessage());
            }
            assert(\$session->getHooks() === []);
            PHP);
    }

    /** @return array<string, array{string, string}> */
    public static function refused(): array
    {
        return [
            'a method that is not hookable' => ['addHookBefore("get", "known")', 'Session::get() can'],
            'the same, by addHook' => ['addHook("Session::get", "known")', 'init, isValidSession, log, login'],
            'a typing error' => ['addHookAfter("Session::chanegd", "known")', 'Session::chanegd() can'],
            'one of several' => ['addHookAfter("changed, chanegd", "known")', 'Session::chanegd() can'],
            'none of a pattern' => ['addHookAfter("Session::x*", "known")', 'Session::x*() can'],
            'another class' => ['addHookBefore("Pages::save", "known")', 'Pages'],
            'a class that exists' => ['addHookBefore("ArrayObject::log", "known")', 'ArrayObject'],
            'a condition' => ['addHookBefore("log(0:x=1)", "known")', 'conditions'],
            'a path' => ['addHookBefore("/path/", "known")', 'paths'],
            'no name' => ['addHookBefore("", "known")', 'no name'],
            'no text' => ['addHookBefore(5, "known")', 'string'],
            'what cannot be called' => ['addHookBefore("log", "unknown_function")', 'can be called'],
            'nothing to call' => ['addHookBefore("log", null)', 'can be called'],
            'no such method' => ['addHookBefore("log", new stdClass(), "missing")', 'can be called'],
            'options that are none' => ['addHookBefore("log", "known", null, "before")', 'options'],
            'a priority that is none' => ['addHookBefore("log", "known", ["priority" => "high"])', 'priority'],
            'neither before nor after' => ['addHook("log", "known", ["after" => false])', 'before or after'],
            'a property' => ['addHook("log", "known", ["type" => "property"])', 'properties'],
            'arguments to match' => ['addHook("log", "known", ["argMatch" => ["x"]])', 'argMatch'],
        ];
    }

    public function testTheHooksThatThereAre(): void
    {
        $this->passes(<<<'PHP'
            class Listener { public function heard(): void {} }
            $session = new Session();
            assert($session->hasHook('changed()') === false && $session->getHooks() === [] && $session->getHooks('changed') === []);
            $listener = new Listener();
            $session->addHookBefore('changed', $listener, 'heard', ['priority' => 50, 'mine' => 'x']);
            $session->addHookAfter('Session::changed', $f = static fn () => 1);
            $session->addHookAfter('init', 'strlen');
            assert($session->hasHook('changed()') && $session->hasHook('init()') && !$session->hasHook('log()'));
            assert(!$session->hasHook('changed'), 'without parentheses it is a property in ProcessWire');
            $hooks = $session->getHooks('changed');
            assert(array_keys($hooks) === ['50.0', '100.0']);
            assert($hooks['50.0'] === [
                'id' => ':50.0:changed', 'method' => 'changed', 'toObject' => $listener, 'toMethod' => 'heard',
                'options' => ['priority' => '50.0', 'mine' => 'x', 'before' => true, 'after' => false, 'type' => 'method', 'allInstances' => false, 'fromClass' => ''],
            ] || var_dump($hooks['50.0']));
            assert($hooks['100.0']['toObject'] === null && $hooks['100.0']['toMethod'] === $f && $hooks['100.0']['options']['fromClass'] === 'Session');
            assert(array_column($session->getHooks(), 'id') === [':50.0:changed', 'Session:100.0:changed', ':100.0:init']);
            assert($session->getHooks('*') === $session->getHooks());
            assert(array_column($session->getHooks('', 1), 'id') === [':50.0:changed', ':100.0:init']);
            assert(array_column($session->getHooks('changed', 2), 'id') === ['Session:100.0:changed']);
            try {
                $session->hasHook('Session::changed()');
                assert(false);
            } catch (Holdfast\Exception\InvalidArgument) {
            }
            PHP);
    }
}
