<?php

declare(strict_types=1);

namespace Holdfast\Tests\Variables;

use Holdfast\Tests\HoldfastTestCase;

/**
 * Issue 2: `get`, `set`, `getVal`, `getAll` and `remove` mean what they mean in ProcessWire.
 */
final class GetAndSetTest extends HoldfastTestCase
{
    public function testAVariableIsReadAsItWasSet(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $session->set('cart', ['tea' => 2]);
            assert($session->get('cart') === ['tea' => 2]);
            assert($session->get('missing') === null);
            PHP);
    }

    public function testSetAndRemoveReturnTheSession(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            assert($session->set('a', 1) === $session);
            assert($session->set('ns', 'a', 1) === $session);
            assert($session->setFor('ns', 'b', 1) === $session);
            assert($session->remove('a') === $session);
            assert($session->removeFor('ns', 'b') === $session);
            assert($session->removeAllFor('ns') === $session);
            PHP);
    }

    public function testGetValAnswersWithTheDefaultForMissingAndNull(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $session->set('nothing', null)->set('zero', 0)->set('empty', '')->set('no', false)->set('none', []);
            assert($session->getVal('missing', 'default') === 'default');
            assert($session->getVal('nothing', 'default') === 'default');
            assert($session->getVal('missing') === null);
            assert($session->getVal('zero', 'default') === 0);
            assert($session->getVal('empty', 'default') === '');
            assert($session->getVal('no', 'default') === false);
            assert($session->getVal('none', 'default') === []);
            PHP);
    }

    public function testNullIsKeptAsAValue(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $session->set('nothing', null);
            assert(array_key_exists('nothing', $session->getAll()));
            assert(count($session) === 1);
            assert(!isset($session->nothing));
            PHP);
    }

    public function testGetAllKeepsTheOrderOfTheFirstSet(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $session->set('b', 1)->set('a', 2)->set('c', 3)->set('b', 4);
            assert($session->getAll() === ['b' => 4, 'a' => 2, 'c' => 3]);
            $session->remove('b')->set('b', 5);
            assert($session->getAll() === ['a' => 2, 'c' => 3, 'b' => 5]);
            PHP);
    }

    public function testAnEmptySessionHasNoVariables(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            assert($session->getAll() === []);
            assert(count($session) === 0);
            assert($session->remove('missing') === $session);
            assert($session->getId() === '');
            PHP);
    }

    public function testGetAllIsACopy(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $session->set('a', ['x' => 1]);
            $all = $session->getAll();
            $all['a']['x'] = 2;
            $all['b'] = 3;
            assert($session->getAll() === ['a' => ['x' => 1]]);
            PHP);
    }

    public function testAVariableThatWasSetIsACopy(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $cart = ['tea' => 2];
            $session->set('cart', $cart);
            $cart['tea'] = 3;
            assert($session->get('cart') === ['tea' => 2]);
            $read = $session->get('cart');
            $read['tea'] = 4;
            assert($session->get('cart') === ['tea' => 2]);
            PHP);
    }

    public function testNamesThatLookLikeNumbersAreArrayKeysAsPhpHasThem(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $session->set('7', 'seven');
            assert($session->get('7') === 'seven');
            assert($session[7] === 'seven');
            assert(array_keys($session->getAll()) === [7]);
            PHP);
    }

    public function testVariablesAreThereInTheNextRequest(): void
    {
        $this->roundTrip(
            '$session->set("b", 1)->set("a", ["x" => [1, 2]])->set("gone", 1)->remove("gone");',
            'assert($session->getAll() === ["b" => 1, "a" => ["x" => [1, 2]]]);'
        );
    }

    public function testAllHandlesOfOneRequestShareTheSession(): void
    {
        $this->passes(<<<'PHP'
            $one = new Session();
            $two = new Session();
            $one->set('a', 1);
            assert($two->get('a') === 1);
            assert(Session::current()->get('a') === 1);
            assert($one->getId() === $two->getId());
            unset($one);
            assert($two->get('a') === 1);
            PHP);
    }
}
