<?php

declare(strict_types=1);

namespace Holdfast\Tests\Hooks;

use Holdfast\Tests\HoldfastTestCase;

/**
 * Issue 4, item 7: methods that hooks add, and calls of methods that nobody has.
 */
final class AddedMethodsTest extends HoldfastTestCase
{
    /** @dataProvider ways */
    public function testAHookAddsAMethod(string $add): void
    {
        $this->passes(<<<PHP
            \$session = new Session();
            \$seen = [];
            \$id = \$session->$add('cartTotal', function (HookEvent \$event) use (&\$seen): void {
                \$seen[] = [\$event->object, \$event->method];
                \$event->return = array_sum(\$event->arguments());
            });
            assert(\$id === ':100.0:cartTotal');
            assert(\$session->cartTotal(1, 2, 3.5) === 6.5 && \$session->cartTotal() === 0);
            \$other = new Session();
            assert(\$other->CARTTOTAL(7) === 7, 'all objects of the session have it, and PHP knows no case of methods');
            assert(\$seen === [[\$session, 'cartTotal'], [\$session, 'cartTotal'], [\$other, 'CARTTOTAL']]);
            \$session->removeHook(\$id);
            try {
                \$session->cartTotal();
                assert(false);
            } catch (Error \$error) {
                assert(\$error->getMessage() === 'Call to undefined method Holdfast\\Session::cartTotal()', \$error->getMessage());
            }
            PHP);
    }

    /** @return array<string, array{string}> */
    public static function ways(): array
    {
        return ['addHookMethod' => ['addHookMethod'], 'addHook' => ['addHook']];
    }

    public function testAnAddedMethodCanBeHooked(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $session->addHookMethod('Session::greet', fn (HookEvent $event) => $event->return = "Hello {$event->arguments(0)}");
            $session->addHookBefore('greet', fn (HookEvent $event) => $event->arguments(0, ucfirst($event->arguments(0))));
            $session->addHookAfter('greet', fn (HookEvent $event) => $event->return .= '!');
            assert($session->greet('ann') === 'Hello Ann!');
            PHP);
    }

    public function testAMethodThatIsThereIsNotAdded(): void
    {
        $this->passes(<<<'PHP'
            class Own extends Session { public function mine() {} private function hidden() {} }
            $session = new Own();
            foreach (['changed', 'get', 'mine', 'hidden', '__get'] as $method) {
                try {
                    $session->addHookMethod($method, fn () => 1);
                    assert(false, $method);
                } catch (Holdfast\Exception\InvalidArgument $refused) {
                    assert(str_contains($refused->getMessage(), "Session::$method()"), $refused->getMessage());
                }
            }
            PHP);
    }

    public function testAMethodThatNobodyHas(): void
    {
        $this->passes(<<<'PHP'
            class Own extends Session { private function hidden() {} }
            $errors = [];
            foreach ([[new Session(), 'logn'], [new Own(), 'logn'], [new Own(), 'hidden']] as [$session, $method]) {
                try {
                    $session->$method('secret');
                    assert(false);
                } catch (Error $error) {
                    assert(get_class($error) === 'Error');
                    $errors[] = $error->getMessage();
                }
            }
            assert($errors === [
                'Call to undefined method Holdfast\Session::logn()', 'Call to undefined method Own::logn()',
                'Call to protected or private method Own::hidden()',
            ], implode('; ', $errors));
            PHP);
    }

    /** ProcessWire's way to answer calls of any name. */
    public function testCallUnknownCanBeReplaced(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $session->addHookBefore('Session::callUnknown', static function (HookEvent $event): void {
                $event->replace = true;
                $event->return = [$event->arguments('method'), $event->arguments('arguments')];
            });
            assert($session->anything(1, ['x']) === ['anything', [1, ['x']]]);
            PHP);
    }

    public function testASubclassMayHaveACallOfItsOwn(): void
    {
        $this->passes(<<<'PHP'
            class Typed extends Session
            {
                public function __call(string $name, array $arguments): mixed { return $name === 'mine' ? $arguments : parent::__call($name, $arguments); }
            }
            class Untyped extends Session { public function __call($name, $arguments) { return $name; } }
            $typed = new Typed();
            $typed->addHookMethod('added', fn (HookEvent $event) => $event->return = $event->method);
            assert($typed->mine(1) === [1] && $typed->added() === 'added');
            assert((new Untyped())->whatever() === 'whatever');
            PHP);
    }
}
