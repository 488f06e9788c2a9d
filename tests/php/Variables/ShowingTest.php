<?php

declare(strict_types=1);

namespace Holdfast\Tests\Variables;

use Holdfast\Tests\HoldfastTestCase;

/**
 * Issue 2: json_encode, var_dump and == show the data of a session.
 */
final class ShowingTest extends HoldfastTestCase
{
    public function testJson(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $session->name = 'Ann';
            $session->cart = ['tea' => 2];
            assert(json_encode($session) === '{"name":"Ann","cart":{"tea":2}}');
            assert($session->jsonSerialize() === $session->getAll());
            PHP);
    }

    public function testVarDumpAndPrintR(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $session->name = 'Ann';
            $session->cart = ['tea' => 2];
            ob_start();
            var_dump($session);
            $dumped = ob_get_clean();
            assert(str_contains($dumped, '["name"]=>') && str_contains($dumped, 'string(3) "Ann"'), $dumped);
            assert(str_contains(print_r($session, true), '[name] => Ann'));
            PHP);
    }

    public function testVarDumpDoesNotShowTheId(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $session->name = 'Ann';
            ob_start();
            var_dump($session);
            assert(!str_contains(ob_get_clean(), $session->getId()));
            PHP);
    }

    public function testSessionsAreEqualWhenTheirDataIs(): void
    {
        $this->passes(<<<'PHP'
            $one = new Session(['cookie_name' => 'one']);
            $two = new Session(['cookie_name' => 'two']);
            assert($one == $two);
            $one->a = 1;
            assert($one != $two);
            $two->a = 1;
            assert($one == $two);
            assert($one !== $two);
            PHP);
    }

    public function testASessionItselfCanNotBeSerializedOrCloned(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            foreach ([static fn () => serialize($session), static fn () => clone $session] as $attempt) {
                try {
                    $attempt();
                    assert(false, 'no error');
                } catch (Throwable $refused) {
                    assert(!$refused instanceof AssertionError, $refused->getMessage());
                }
            }
            PHP);
    }
}
