<?php

declare(strict_types=1);

namespace Holdfast\Tests\Life;

use Holdfast\Tests\HoldfastTestCase;

/**
 * Issue 2: a subclass in PHP works, also one that overrides the constructor without calling the parent, and its
 * overrides are called.
 */
final class SubclassTest extends HoldfastTestCase
{
    public function testASubclassIsItself(): void
    {
        $this->passes(<<<'PHP'
            class ShopSession extends Session { public string $own = 'mine'; }
            $session = new ShopSession(['cookie_name' => 'shop']);
            assert(get_class($session) === 'ShopSession');
            assert($session instanceof Holdfast\Session);
            $session->a = 1;
            assert($session->a === 1);
            assert($session->own === 'mine');
            $session->own = 'changed';
            assert($session->getAll() === ['a' => 1]);
            assert($session->getCookieName() === 'shop');
            PHP);
    }

    public function testAConstructorThatDoesNotCallItsParent(): void
    {
        $this->roundTrip(
            <<<'PHP'
            $own = new Quiet('greeting');
            $own->a = 1;
            $own['list'][] = 'x';
            assert($own->greeting === 'greeting');
            assert($own->getAll() === ['a' => 1, 'list' => ['x']]);
            assert($session->a === 1);
            assert($own->save() === true);
            PHP,
            'assert($session->getAll() === ["a" => 1, "list" => ["x"]]);',
            'class Quiet extends Session { public function __construct(public string $greeting) {} }'
        );
    }

    public function testANewObjectWithoutAConstructor(): void
    {
        $this->passes(<<<'PHP'
            class Plain extends Session {}
            $session = (new ReflectionClass('Plain'))->newInstanceWithoutConstructor();
            $session->a = 1;
            assert($session->get('a') === 1);
            assert(Session::current()->a === 1);
            PHP);
    }

    public function testOverridesAreCalled(): void
    {
        $this->passes(<<<'PHP'
            class Loud extends Session
            {
                public array $calls = [];
                public function get($key, $_key = null) { $this->calls[] = "get $key"; return parent::get($key, $_key); }
                public function set($key, $value, $_value = null) {
                    $this->calls[] = "set $key";
                    return parent::set($key, $value, $_value);
                }
                public function remove($key, $_key = null): static {
                    $this->calls[] = "remove $key";
                    return parent::remove($key, $_key);
                }
                public function getId() { return 'my id'; }
            }
            $session = new Loud();
            $session->setFor('ns', 'k', 1);
            assert($session->getFor('ns', 'k') === 1);
            assert($session->getVal('a', 'default') === 'default');
            assert($session->getValFor('ns', 'missing', 5) === 5);
            $session->removeFor('ns', 'k');
            $session->removeAllFor('ns');
            assert($session->getId() === 'my id');
            assert(in_array('set ns', $session->calls, true), implode(',', $session->calls));
            assert(in_array('get ns', $session->calls, true), implode(',', $session->calls));
            assert(in_array('get a', $session->calls, true), implode(',', $session->calls));
            assert(in_array('remove ns', $session->calls, true), implode(',', $session->calls));
            PHP);
    }

    public function testOverriddenAccessIsCalled(): void
    {
        $this->passes(<<<'PHP'
            class Shouting extends Session
            {
                public function __get($name) { return strtoupper((string) parent::__get($name)); }
                public function offsetGet(mixed $offset): mixed { return 'offset ' . parent::offsetGet($offset); }
                public function offsetSet(mixed $offset, mixed $value): void { parent::offsetSet($offset, "[$value]"); }
            }
            $session = new Shouting();
            $session->name = 'ann';
            assert($session->name === 'ANN');
            $session['x'] = 'y';
            assert($session['x'] === 'offset [y]');
            assert($session->get('x') === '[y]');
            PHP);
    }

    /** Templates written for PHP before return types override methods without them. */
    public function testMethodsMayBeOverriddenWithAndWithoutReturnTypes(): void
    {
        $this->passes(<<<'PHP'
            class Untyped extends Session
            {
                public function init() { return parent::init(); }
                public function destroy() { return parent::destroy(); }
                public function save() { return parent::save(); }
                public function __set($name, $value) { parent::__set($name, $value); }
                public function getAll($ns = null) { return parent::getAll($ns); }
            }
            class Typed extends Session
            {
                public function init(): bool { return parent::init(); }
                public function destroy(): bool { return parent::destroy(); }
                public function getAll($ns = null): array { return parent::getAll($ns); }
            }
            $untyped = new Untyped();
            $untyped->a = 1;
            assert($untyped->init() && $untyped->save() && $untyped->getAll() === ['a' => 1]);
            $typed = new Typed(['cookie_name' => 'typed']);
            assert($typed->init() && $typed->destroy() && $typed->getAll() === []);
            PHP);
    }
}
