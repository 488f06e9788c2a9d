<?php

declare(strict_types=1);

namespace Holdfast\Tests\Hooks;

use Holdfast\Tests\HoldfastTestCase;

/**
 * Issue 4, item 7: what a hook is given, with ProcessWire's names.
 */
final class EventTest extends HoldfastTestCase
{
    /** Runs $body as a before-hook of `changed('what', null, 'new')`, with the event in $event. */
    private function inAHook(string $body): void
    {
        $this->passes(<<<PHP
            \$session = new Session();
            \$ran = false;
            \$id = \$session->addHookBefore('changed', function (HookEvent \$event) use (\$session, &\$ran, &\$id): void {
                $body
                \$ran = true;
            }, ['priority' => 20, 'mine' => ['x']]);
            \$session->changed('what', null, 'new');
            assert(\$ran);
            PHP);
    }

    public function testItsProperties(): void
    {
        $this->inAHook(<<<'PHP'
            assert($event->object === $session);
            assert($event->method === 'changed');
            assert($event->arguments === ['what', null, 'new']);
            assert($event->return === null);
            assert($event->replace === false);
            assert($event->id === $id);
            assert($event->when === 'before');
            assert($event->cancelHooks === false);
            assert($event->options['mine'] === ['x'] && $event->options['priority'] === '20.0' && $event->options['before'] === true);
            assert(isset($event->arguments, $event->id, $event->options, $event->data, $event->cancel) && !isset($event->return, $event->unknown));
            PHP);
    }

    public function testArgumentsByNumberAndByName(): void
    {
        $this->inAHook(<<<'PHP'
            assert($event->arguments() === ['what', null, 'new']);
            assert($event->arguments(0) === 'what' && $event->arguments('what') === 'what');
            assert($event->arguments(2) === 'new' && $event->arguments('new') === 'new' && $event->arguments('2') === 'new');
            assert($event->arguments(1) === null && $event->arguments('old') === null);
            assert($event->arguments(9) === null && $event->arguments('missing') === null);
            assert($event->argumentsByName() === ['what' => 'what', 'old' => null, 'new' => 'new']);
            assert($event->argumentsByName('new') === 'new' && $event->argumentsByName('missing') === null);
            assert($event->arguments('old', 'set') === 'set' && $event->arguments(1) === 'set');
            assert($event->arguments(0, 'by number') === 'by number');
            assert($event->setArgument('new', null) === $event && $event->setArgument('1', 5) === $event);
            assert($event->arguments === ['by number', 5, null], json_encode($event->arguments));
            $event->arguments[2] = 'in place';
            assert($event->arguments('new') === 'in place');
            PHP);
    }

    public function testTheNamesAreTheMethodsAlsoWhereASubclassHasOthers(): void
    {
        $this->passes(<<<'PHP'
            class Renaming extends Session { public function changed($name, $was = null, $is = null) { return parent::changed($name, $was, $is); } }
            $session = new Renaming();
            $session->addHook('changed', function (HookEvent $event) use (&$seen): void { $seen = $event->argumentsByName(); });
            $session->a = 1;
            assert($seen === ['what' => 'a', 'old' => null, 'new' => 1], json_encode($seen));
            PHP);
    }

    public function testAnArgumentThatTheMethodDoesNotHave(): void
    {
        $this->inAHook(<<<'PHP'
            foreach ([fn () => $event->setArgument('missing', 1), fn () => $event->arguments('missing', 1), fn () => $event->setArgument(null, 1)] as $at => $set) {
                try {
                    $set();
                    assert(false, "$at was taken");
                } catch (Holdfast\Exception\InvalidArgument $refused) {
                    assert(str_contains($refused->getMessage(), 'argument'), $refused->getMessage());
                }
            }
            assert($event->arguments === ['what', null, 'new']);
            PHP);
    }

    public function testOtherNames(): void
    {
        $this->inAHook(<<<'PHP'
            assert($event->data === $event->options);
            assert($event->cancel === false);
            $event->cancel = true;
            assert($event->cancelHooks === true && $event->cancel === true);
            $event->cancelHooks = false;
            assert($event->cancel === false);
            assert($event->missing === null);
            $event->arguments = ['named' => 'argument'];
            assert($event->named === 'argument' && isset($event->named));
            PHP);
    }

    /** A hook that should deny something must not fail to for a typing error. */
    public function testAPropertyThatItDoesNotHave(): void
    {
        $this->inAHook(<<<'PHP'
            try {
                $event->retrun = false;
                assert(false);
            } catch (Holdfast\Exception\InvalidArgument $refused) {
                assert(str_contains($refused->getMessage(), "'retrun'"), $refused->getMessage());
            }
            PHP);
    }

    /** S29: passwords are among the arguments. */
    public function testAsAStringItNamesTheMethodAndNoArgument(): void
    {
        $this->inAHook('assert((string) $event === "Holdfast\Session::changed()", (string) $event);');
    }

    public function testPropertiesThatHooksHoldReferencesTo(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $session->addHookAfter('changed', static function (HookEvent $event): void {
                $return = &$event->return;
                $return = 'by reference';
                $arguments = &$event->arguments;
                $event->setArgument(0, 'seen');
                assert($arguments[0] === 'seen');
                $cancel = &$event->cancelHooks;
                $cancel = true;
            });
            $session->addHookAfter('changed', static fn () => assert(false, 'it was cancelled'));
            assert($session->changed('x') === 'by reference');
            PHP);
    }

    public function testPropertiesThatHooksUnset(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $session->addHookBefore('changed', static function (HookEvent $event): void {
                unset($event->return, $event->replace, $event->object, $event->cancelHooks);
                assert($event->return === null && $event->object === null);
                $event->replace = true;
                $event->return = 'set again';
                $event->removeHook(null);
            });
            assert($session->changed('x') === 'set again');
            PHP);
    }

    public function testArgumentsThatAreNoArray(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $session->addHookBefore('changed', static function (HookEvent $event): void { $event->arguments = 'x'; });
            try {
                $session->changed('x');
                assert(false);
            } catch (Holdfast\Exception\InvalidArgument $refused) {
                assert(str_contains($refused->getMessage(), 'arguments'), $refused->getMessage());
            }
            PHP);
    }

    /** Arguments at any positions: none makes the extension read or allocate what it should not. */
    public function testArgumentsAtStrangePositions(): void
    {
        $log = $this->directory() . '/log';
        $this->passes(<<<'PHP'
            $session = new Session();
            $at = null;
            $session->addHookBefore('log', static function (HookEvent $event) use (&$at): void { $event->setArgument($at, 'x'); });
            foreach ([PHP_INT_MAX, PHP_INT_MIN, -1, 63, 64, '9999999999999999999'] as $at) {
                try {
                    $session->log('text');
                } catch (Holdfast\Exception\InvalidArgument) {
                    assert($at === '9999999999999999999');
                }
            }
            $session->addHookBefore('log', static function (HookEvent $event): void { $event->arguments = [1 => ['name' => 'x']]; });
            $at = 0;
            assert($session->log('text') === $session);
            PHP, ['error_log' => $log]);
        self::assertSame(5, substr_count((string) file_get_contents($log), "session: text\n"));
    }

    /** For tests of an application's own hooks. */
    public function testAnEventThatTheApplicationMakes(): void
    {
        $this->passes(<<<'PHP'
            $event = new HookEvent(['object' => new Session(), 'method' => 'changed', 'arguments' => ['a', 'b'], 'return' => 5]);
            assert($event instanceof Holdfast\HookEvent);
            assert($event->arguments('old') === 'b' && $event->return === 5 && $event->replace === false && $event->options === []);
            assert($event->removeHook(null) === $event && $event->removeHook('x') === $event);
            $empty = new HookEvent();
            assert($empty->arguments() === [] && $empty->argumentsByName() === [] && $empty->arguments('x') === null && $empty->id === '');
            assert($empty->removeHook(null) === $empty && (string) $empty === '::()');
            try {
                new HookEvent(['colour' => 'red']);
                assert(false);
            } catch (Holdfast\Exception\InvalidArgument $refused) {
                assert(str_contains($refused->getMessage(), "'colour'"));
            }
            $bare = (new ReflectionClass(HookEvent::class))->newInstanceWithoutConstructor();
            try {
                $bare->arguments();
                assert(false);
            } catch (Holdfast\Exception\InvalidArgument) {
            }
            class MyEvent extends HookEvent { public $own = 1; }
            $mine = new MyEvent(['return' => 2]);
            assert($mine->own === 1 && $mine->return === 2);
            PHP);
    }

    public function testItsGlobalNameCanBeLeftToTheApplication(): void
    {
        $this->passes(<<<'PHP'
            class HookEvent { public string $mine = 'yes'; }
            $session = new Holdfast\Session();
            $session->addHook('changed', fn (Holdfast\HookEvent $event) => $event->return = (new HookEvent())->mine);
            assert($session->changed('x') === 'yes');
            PHP, ['holdfast.global_class' => 0]);
    }
}
