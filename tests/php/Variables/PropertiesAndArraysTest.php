<?php

declare(strict_types=1);

namespace Holdfast\Tests\Variables;

use Holdfast\Tests\HoldfastTestCase;

/**
 * Issue 2: a session is read and written like an object and like an array.
 */
final class PropertiesAndArraysTest extends HoldfastTestCase
{
    public function testAVariableIsAProperty(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $session->name = 'Ann';
            assert($session->name === 'Ann');
            assert($session->get('name') === 'Ann');
            assert(isset($session->name) && !empty($session->name));
            unset($session->name);
            assert(!isset($session->name));
            assert($session->name === null);
            assert($session->getAll() === []);
            PHP);
    }

    public function testAVariableIsAnElement(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $session['name'] = 'Ann';
            assert($session['name'] === 'Ann');
            assert($session->name === 'Ann');
            assert(isset($session['name']) && !empty($session['name']));
            unset($session['name']);
            assert(!isset($session['name']));
            assert($session['name'] === null);
            assert(count($session) === 0);
            PHP);
    }

    public function testReadingAMissingVariableIsSilent(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            assert($session->missing === null);
            assert($session['missing'] === null);
            assert(($session->missing['deep'] ?? 'default') === 'default');
            assert(!isset($session->missing['deep']) && !isset($session['missing']['deep']));
            assert(empty($session->missing) && empty($session['missing']));
            assert($session->getAll() === []);
            assert($session->getId() === '');
            PHP);
    }

    public function testIssetIsFalseForNull(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $session->nothing = null;
            assert(!isset($session->nothing) && !isset($session['nothing']));
            $session->zero = 0;
            assert(isset($session->zero) && empty($session->zero));
            PHP);
    }

    public function testADeepWriteChangesTheSession(): void
    {
        $this->roundTrip(
            <<<'PHP'
            $session->cart['tea'] = 2;
            $session->cart['milk'] = 1;
            $session['cart']['tea'] += 3;
            $session['deep']['er']['est'] = 'here';
            $session['list'][] = 'a';
            $session->list[] = 'b';
            unset($session->cart['milk']);
            PHP,
            <<<'PHP'
            assert($session->cart === ['tea' => 5]);
            assert($session['deep'] === ['er' => ['est' => 'here']]);
            assert($session['list'] === ['a', 'b']);
            PHP
        );
    }

    public function testADeepWriteToAStoredVariableChangesIt(): void
    {
        $id = $this->roundTrip('$session->cart = ["tea" => 1, "list" => [1]]; $session->n = 1;', '
            $session->cart["tea"]++;
            $session["cart"]["list"][] = 2;
            $session->n++;');
        $this->passes("\$session = new Session(['id' => '$id']);
            assert(\$session->cart === ['tea' => 2, 'list' => [1, 2]]);
            assert(\$session->n === 2);");
    }

    public function testCounting(): void
    {
        $this->roundTrip(
            <<<'PHP'
            $session['n'] = 1;
            $session['n']++;
            ++$session['n'];
            $session['n'] += 10;
            $session['n'] *= 2;
            $session->m = 5;
            $session->m--;
            $session->text = 'a';
            $session->text .= 'b';
            $session->default ??= 'set';
            $session->default ??= 'not set again';
            PHP,
            <<<'PHP'
            assert($session['n'] === 26);
            assert($session->m === 4);
            assert($session->text === 'ab');
            assert($session->default === 'set');
            PHP
        );
    }

    public function testCountingFromNothing(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $session['n']++;
            $session['n']++;
            $session->m++;
            assert($session['n'] === 2);
            assert($session->m === 1);
            PHP);
    }

    public function testAReferenceToAVariableWritesToTheSession(): void
    {
        $this->roundTrip(
            <<<'PHP'
            $session->cart = ['tea' => 1];
            $cart = &$session->cart;
            $cart['tea'] = 7;
            foreach ($session['items'] ?? [] as $item) {}
            $list = [3, 1, 2];
            $session->list = $list;
            sort($session->list);
            PHP,
            <<<'PHP'
            assert($session->cart === ['tea' => 7]);
            assert($session->list === [1, 2, 3]);
            PHP
        );
    }

    public function testAnObjectInAVariableIsChangedInPlace(): void
    {
        $this->roundTrip(
            '$session->basket = new Basket(); $session->basket->items[] = "tea"; $session["basket"]->count = 1;',
            'assert($session->basket->items === ["tea"]); assert($session->basket->count === 1);',
            'class Basket { public array $items = []; public int $count = 0; }'
        );
    }

    public function testAppendingToTheSessionItself(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $session[] = 'a';
            $session[] = 'b';
            assert($session->getAll() === ['a', 'b']);
            PHP);
    }

    public function testKeysOfAnArrayAreNormalisedAsPhpDoes(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $session['1'] = 'one';
            $session['01'] = 'leading zero';
            $session[2] = 'two';
            $session[''] = 'empty';
            assert($session->getAll() === [1 => 'one', '01' => 'leading zero', 2 => 'two', '' => 'empty']);
            assert(isset($session[1], $session['01'], $session['2'], $session['']));
            PHP);
    }

    public function testForeachGoesThroughACopyInOrder(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $session->b = 1;
            $session->a = 2;
            $session['9'] = 3;
            $seen = [];
            foreach ($session as $name => $value) {
                $seen[$name] = $value;
                $session->remove((string) $name);
                $session->set("new$name", 1);
            }
            assert($seen === ['b' => 1, 'a' => 2, 9 => 3]);
            assert($session->getAll() === ['newb' => 1, 'newa' => 1, 'new9' => 1]);
            assert(iterator_to_array($session) === $session->getAll());
            PHP);
    }

    public function testCount(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            assert(count($session) === 0);
            $session->a = 1;
            $session->b = null;
            $session->setFor('ns', 'c', 1);
            assert(count($session) === 3);
            unset($session->a);
            assert(count($session) === 2);
            PHP);
    }
}
