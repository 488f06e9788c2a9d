<?php

declare(strict_types=1);

namespace Holdfast\Tests\Variables;

use Holdfast\Tests\HoldfastTestCase;

/**
 * Issue 2: namespaces, given as string or object, mean what they mean in ProcessWire.
 */
final class NamespacesTest extends HoldfastTestCase
{
    public function testAVariableOfANamespace(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $session->setFor('shop', 'currency', 'EUR');
            assert($session->getFor('shop', 'currency') === 'EUR');
            assert($session->getFor('shop', 'missing') === null);
            assert($session->getFor('missing', 'currency') === null);
            assert($session->get('currency') === null);
            PHP);
    }

    public function testANamespaceIsAVariableThatHoldsAnArray(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $session->setFor('shop', 'currency', 'EUR')->setFor('shop', 'country', 'AT');
            assert($session->get('shop') === ['currency' => 'EUR', 'country' => 'AT']);
            assert($session->getAll() === ['shop' => ['currency' => 'EUR', 'country' => 'AT']]);
            PHP);
    }

    public function testGetAndSetTakeANamespaceToo(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $session->set('shop', 'currency', 'EUR');
            assert($session->get('shop', 'currency') === 'EUR');
            assert($session->getFor('shop', 'currency') === 'EUR');
            PHP);
    }

    public function testSetWithNullAsTheThirdArgumentSetsAVariable(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $session->set('shop', 'currency', null);
            assert($session->get('shop') === 'currency');
            PHP);
    }

    public function testAnEmptyKeyMeansTheWholeNamespace(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $session->setFor('shop', 'a', 1)->setFor('shop', 'b', 2);
            $all = ['a' => 1, 'b' => 2];
            assert($session->getFor('shop', '') === $all);
            assert($session->get('shop', '') === $all);
            assert($session->getAll('shop') === $all);
            assert($session->getAllFor('shop') === $all);
            assert($session->getAllFor('missing') === []);
            PHP);
    }

    public function testAnObjectsClassNameIsTheNamespace(): void
    {
        $this->passes(<<<'PHP'
            class Basket {}
            eval('namespace Shop\Checkout; class Address {}');
            $session = new Session();
            $session->setFor(new Basket(), 'a', 1);
            assert($session->getFor('Basket', 'a') === 1);
            assert($session->get(new Basket(), 'a') === 1);
            $session->set(new Shop\Checkout\Address(), 'city', 'Linz');
            assert($session->getFor('Address', 'city') === 'Linz');
            assert($session->getAll(new Shop\Checkout\Address()) === ['city' => 'Linz']);
            assert($session->getAllFor(new Basket()) === ['a' => 1]);
            assert($session->getValFor(new Basket(), 'missing', 'default') === 'default');
            $session->remove(new Basket(), 'a');
            assert($session->getFor('Basket', 'a') === null);
            $session->removeAllFor(new Shop\Checkout\Address());
            assert($session->getAllFor('Address') === []);
            PHP);
    }

    public function testSetForWithNullRemoves(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $session->setFor('shop', 'a', 1)->setFor('shop', 'b', 2)->setFor('shop', 'a', null);
            assert($session->getAllFor('shop') === ['b' => 2]);
            PHP);
    }

    public function testGetValForAnswersWithTheDefault(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $session->setFor('shop', 'zero', 0);
            assert($session->getValFor('shop', 'zero', 'default') === 0);
            assert($session->getValFor('shop', 'missing', 'default') === 'default');
            assert($session->getValFor('shop', 'missing') === null);
            assert($session->getValFor('missing', 'missing', 'default') === 'default');
            PHP);
    }

    public function testRemovingOneVariableLeavesTheOthers(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $session->setFor('shop', 'a', 1)->setFor('shop', 'b', 2)->setFor('shop', 'c', 3);
            $session->remove('shop', 'a');
            $session->removeFor('shop', 'b');
            assert($session->getAllFor('shop') === ['c' => 3]);
            $session->removeFor('shop', 'missing')->removeFor('missing', 'missing');
            assert($session->getAll() === ['shop' => ['c' => 3]]);
            PHP);
    }

    /** @dataProvider waysToRemoveANamespace */
    public function testRemovingANamespace(string $call): void
    {
        $this->passes(<<<PHP
            \$session = new Session();
            \$session->set('other', 1)->setFor('shop', 'a', 1)->setFor('shop', 'b', 2);
            \$session->$call;
            assert(\$session->getAll() === ['other' => 1]);
            PHP);
    }

    /** @return array<string, array{string}> */
    public static function waysToRemoveANamespace(): array
    {
        return [
            'remove(ns, true)' => ["remove('shop', true)"],
            'remove(ns, false), as ProcessWire has it' => ["remove('shop', false)"],
            'removeFor(ns, true)' => ["removeFor('shop', true)"],
            'removeAllFor(ns)' => ["removeAllFor('shop')"],
            'remove(ns)' => ["remove('shop')"],
        ];
    }

    public function testAVariableThatIsNoArrayGivesWayToANamespaceOfItsName(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $session->set('shop', 'a string');
            assert($session->getFor('shop', 'a') === null);
            assert($session->getAllFor('shop') === []);
            $session->setFor('shop', 'a', 1);
            assert($session->get('shop') === ['a' => 1]);
            PHP);
    }

    public function testANamespaceThatIsNeitherStringNorObjectIsRefused(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            foreach ([1, 1.5, true, [], null] as $ns) {
                try {
                    $session->getFor($ns, 'a');
                    assert(false, get_debug_type($ns) . ' was taken for a namespace');
                } catch (Holdfast\Exception\InvalidArgument $refused) {
                    assert(str_contains($refused->getMessage(), 'namespace'), $refused->getMessage());
                }
            }
            PHP);
    }

    public function testNamespacesAreThereInTheNextRequest(): void
    {
        $this->roundTrip(
            '$session->setFor("shop", "a", [1])->setFor("blog", "a", 2);',
            'assert($session->getFor("shop", "a") === [1]); assert($session->getAllFor("blog") === ["a" => 2]);'
        );
    }
}
