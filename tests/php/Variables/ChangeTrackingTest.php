<?php

declare(strict_types=1);

namespace Holdfast\Tests\Variables;

use Holdfast\Tests\HoldfastTestCase;

/**
 * Issue 2: setTrackChanges, isChanged, getChanges and resetTrackChanges.
 */
final class ChangeTrackingTest extends HoldfastTestCase
{
    public function testNamesOfChangedVariables(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            assert($session->isChanged() === false);
            assert($session->getChanges() === []);
            $session->set('a', 1);
            $session->b = 2;
            $session['c'] = 3;
            assert($session->isChanged() === true);
            assert($session->isChanged('a') === true);
            assert($session->isChanged('missing') === false);
            assert($session->getChanges() === ['a', 'b', 'c']);
            assert($session->getChanges(2) === ['a' => 'a', 'b' => 'b', 'c' => 'c']);
            PHP);
    }

    public function testSettingTheSameValueIsNoChange(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $session->set('a', ['x' => 1]);
            $session->resetTrackChanges();
            $session->set('a', ['x' => 1]);
            assert($session->isChanged() === false);
            $session->set('a', ['x' => '1']);
            assert($session->isChanged('a') === true);
            PHP);
    }

    public function testReset(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $session->set('a', 1);
            assert($session->resetTrackChanges() === $session);
            assert($session->isChanged() === false);
            assert($session->getChanges() === []);
            $session->set('a', 2);
            assert($session->getChanges() === ['a']);
            PHP);
    }

    public function testTrackingOff(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            assert($session->setTrackChanges(false) === $session);
            $session->set('a', 1);
            assert($session->isChanged() === false);
            $session->setTrackChanges();
            $session->set('b', 1);
            assert($session->getChanges() === ['b']);
            $session->resetTrackChanges(false);
            $session->set('c', 1);
            assert($session->getChanges() === []);
            PHP);
    }

    public function testPreviousValues(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $session->set('a', 1);
            $session->resetTrackChanges(6);
            $session->set('a', 2)->set('a', 3)->set('new', 'x');
            $changes = $session->getChanges(true);
            assert(array_keys($changes) === ['a', 'new']);
            assert($changes['a'] === [1, 2]);
            PHP);
    }

    public function testTrackingDoesNotDecideWhatIsSaved(): void
    {
        $this->roundTrip(
            '$session->setTrackChanges(false); $session->a = 1; $session->resetTrackChanges();',
            'assert($session->a === 1); assert($session->isChanged() === false);'
        );
    }
}
