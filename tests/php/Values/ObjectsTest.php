<?php

declare(strict_types=1);

namespace Holdfast\Tests\Values;

use Holdfast\Tests\HoldfastTestCase;

/**
 * Issue 2: objects come back with identity and cycles, references as references.
 */
final class ObjectsTest extends HoldfastTestCase
{
    public function testIdentityWithinAVariable(): void
    {
        $this->roundTrip(
            '$o = (object) ["n" => 1]; $session->pair = ["a" => $o, "b" => ["c" => $o]];',
            'assert($session->pair["a"] === $session->pair["b"]["c"]);
             $session->pair["a"]->n = 2;
             assert($session->pair["b"]["c"]->n === 2);'
        );
    }

    public function testIdentityBetweenVariables(): void
    {
        $this->roundTrip(
            '$o = (object) ["n" => 1]; $session->a = $o; $session->b = ["in" => $o];',
            'assert($session->a === $session->b["in"]); $session->a->n = 2; assert($session->b["in"]->n === 2);'
        );
    }

    public function testTheSameObjectIsReadTwice(): void
    {
        $this->roundTrip(
            '$session->a = (object) ["n" => 1];',
            'assert($session->a === $session->get("a")); assert($session["a"] === $session->getAll()["a"]);'
        );
    }

    /** @group cycles */
    public function testACycle(): void
    {
        $this->roundTrip(
            '$o = new stdClass(); $o->children = [new stdClass()]; $o->children[0]->parent = $o; $session->tree = $o;',
            'assert($session->tree->children[0]->parent === $session->tree);'
        );
    }

    public function testReferencesWithinAVariable(): void
    {
        $this->roundTrip(
            '$x = 1; $session->refs = ["a" => &$x, "b" => &$x, "c" => $x];',
            '$refs = $session->refs; $refs["a"] = 2; assert($refs["b"] === 2); assert($refs["c"] === 1);'
        );
    }

    /** @group cycles */
    public function testAnArrayThatContainsItself(): void
    {
        $this->roundTrip(
            '$session->cycle = inItself();',
            '$cycle = $session->cycle;
             assert($cycle["self"]["self"]["name"] === "cycle");
             $cycle["self"]["name"] = "changed";
             assert($cycle["self"]["self"]["self"]["name"] === "changed");',
            'function inItself(): array { $a = ["name" => "cycle"]; $a["self"] = &$a; return $a; }'
        );
    }

    public function testAnObjectThatWasChangedAfterItWasSetIsSavedAsItIsAtTheEnd(): void
    {
        $this->roundTrip(
            '$o = (object) ["n" => 1]; $session->a = $o; $o->n = 2; $session->save(); $o->n = 3;',
            'assert($session->a->n === 3);'
        );
    }

    public function testAStoredObjectThatIsChangedIsSaved(): void
    {
        $id = $this->roundTrip('$session->a = (object) ["n" => 1]; $session->b = 1;', '$session->a->n = 2;');
        $this->passes("\$session = new Session(['id' => '$id']); assert(\$session->a->n === 2);");
    }

    public function testAClassThatIsUnknownInTheNextRequest(): void
    {
        $written = $this->cli()->run(
            'class Known { public $a = 1; } $s = new Session(); $s->o = new Known(); $s->n = 1; echo $s->getId();'
        );
        self::assertSame('', $written->errors);
        $this->passes("\$session = new Session(['id' => '{$written->output}']);
            assert(\$session->n === 1);
            assert(\$session->o instanceof __PHP_Incomplete_Class);
            \$session->n = 2;");
        $this->passes("class Known { public \$a = 1; }
            \$session = new Session(['id' => '{$written->output}']);
            assert(\$session->n === 2);
            assert(\$session->o instanceof Known && \$session->o->a === 1);");
    }

    public function testClassesAreLoadedWhenTheirObjectIsRead(): void
    {
        $this->roundTrip(
            'eval("class Lazy { public int \$n = 7; }"); $session->lazy = new Lazy(); $session->n = 1;',
            <<<'PHP'
            spl_autoload_register(static function (string $class): void {
                $GLOBALS['loaded'][] = $class;
                eval("class $class { public int \$n = 7; }");
            });
            assert($session->n === 1);
            assert(!isset($loaded));
            assert($session->lazy->n === 7);
            assert($loaded === ['Lazy']);
            PHP
        );
    }
}
