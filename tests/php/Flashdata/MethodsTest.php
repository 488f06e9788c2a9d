<?php

declare(strict_types=1);

namespace Holdfast\Tests\Flashdata;

use Holdfast\Tests\HoldfastTestCase;

/**
 * Issue 5, item 2: `set_flashdata`, `flashdata`, `keep_flashdata`, `benjaminButtonFlashdata`, and the property `flashdata`.
 */
final class MethodsTest extends HoldfastTestCase
{
    public function testSetFlashdataIsForTheNextRequest(): void
    {
        $this->roundTrip(
            'assert($session->set_flashdata("a", "text") === null);
             $session->set_flashdata("nothing");
             $session->set_flashdata("twice", 1);
             $session->set_flashdata("twice", 2);
             assert($session->flashdata("a") === false && $session->flashdata() === [] && $session->flashdata === []);',
            'assert($session->flashdata("a") === "text");
             assert($session->flashdata("a") === "text", "also when it is asked for again");
             assert($session->flashdata("nothing") === "");
             assert($session->flashdata("missing") === false);
             assert($session->flashdata() === ["a" => "text", "nothing" => "", "twice" => 2]);
             assert($session->flashdata("") === $session->flashdata() && $session->flashdata(null) === $session->flashdata());'
        );
    }

    public function testSetFlashdataTakesPairs(): void
    {
        $this->roundTrip(
            '$session->set_flashdata(["a" => 1, "b" => [1, 2], 7 => "seven", "null" => null], "not used");
             $session->set_flashdata([]);',
            'assert($session->flashdata() === ["a" => 1, "b" => [1, 2], 7 => "seven", "null" => null]);
             assert($session->flashdata(7) === "seven" && $session->flashdata("7") === "seven");
             assert($session->flashdata("null") === false, "as isset()");'
        );
    }

    public function testTheProperty(): void
    {
        $this->roundTrip(
            '$session->set_flashdata(["a" => 1, "b" => "x"]);',
            'assert($session->flashdata === ["a" => 1, "b" => "x"]);
             assert($session->flashdata["a"] === 1);
             assert(!empty($session->flashdata["b"]) && $session->flashdata["b"] == "x");
             assert(!isset($session->flashdata["c"]) && isset($session->flashdata["a"]) && empty($session->flashdata["c"]));
             assert(count($session->flashdata) === 2);
             $session->flashdata = [];
             assert($session->flashdata === [] && $session->flashdata("a") === false);
             $session->flashdata = ["c" => 3];
             assert($session->flashdata("c") === 3);
             unset($session->flashdata);
             assert($session->flashdata === []);
             assert(array_keys($session->getAll()) === ["_flashdata"]);
             try { $session->flashdata = "text"; assert(false); }
             catch (Holdfast\Exception\InvalidArgument $refused) { assert(str_contains($refused->getMessage(), "array")); }'
        );
    }

    public function testKeepFlashdata(): void
    {
        foreach (['keep_flashdata()', 'keep_flashdata("")', 'benjaminButtonFlashdata()'] as $call) {
            $this->threeRequests("\$session->$call;", '["a" => 1, "b" => 2]');
        }
        $this->threeRequests('assert($session->keep_flashdata("a") === null);', '["a" => 1]');
        $this->threeRequests('$session->keep_flashdata("missing");', '[]');
        $this->threeRequests('$session->keep_flashdata("a"); $session->set_flashdata("a", "other");', '["a" => "other"]');
        $this->threeRequests('$session->set_flashdata("a", "other"); $session->keep_flashdata("b"); $session->save();', '["a" => "other", "b" => 2]');
        $this->threeRequests('register_shutdown_function(fn () => $session->keep_flashdata("b"));', '["b" => 2]');
    }

    private function threeRequests(string $second, string $third): void
    {
        $id = $this->roundTrip(
            '$session->set_flashdata(["a" => 1, "b" => 2]);',
            "$second assert(\$session->flashdata() === ['a' => 1, 'b' => 2]);"
        );
        $this->passes("\$session = new Session(['id' => '$id']); assert(\$session->flashdata() === $third);");
        $this->passes("\$session = new Session(['id' => '$id']); assert(\$session->flashdata() === []);");
    }

    public function testEveryStorableValue(): void
    {
        $this->roundTrip(
            '$o = new ArrayObject([1]); $shared = [$o, $o]; $deep = ["x" => ["y" => [1.5, null, true, "\0\xff"]]];
             $session->set_flashdata(["objects" => $shared, "same" => $o, "deep" => $deep, "float" => NAN, "date" => new DateTimeImmutable("2020-02-02")]);',
            '[$one, $two] = $session->flashdata("objects");
             assert($one === $two && $one == new ArrayObject([1]) && $session->flashdata("same") === $one);
             assert($session->flashdata("objects")[0] === $one, "the same object, however often it is asked for");
             assert($session->flashdata("deep") === ["x" => ["y" => [1.5, null, true, "\0\xff"]]]);
             assert(is_nan($session->flashdata("float")));
             assert($session->flashdata("date")->format("Y-m-d") === "2020-02-02");'
        );
    }

    public function testWhatCannotBeStoredIsRefusedByItsKey(): void
    {
        $this->passes('$session = new Session();
            try { $session->set_flashdata(["fine" => 1, "the key" => fn () => 1]); assert(false); }
            catch (Holdfast\Exception\UnstorableValue $refused) { assert(str_contains($refused->getMessage(), "the key")); }
            assert(count($session) === 0, "nothing of it was set");
            $session->close();
            assert($session->flashdata() === [] && $session->keep_flashdata() === null);
            try { $session->set_flashdata("a", 1); assert(false); }
            catch (Holdfast\Exception\InvalidState) {}');
    }

    /** What a page does not read is not built when it ends. */
    public function testAnObjectThatCannotBeBuiltEndsAsEverythingElse(): void
    {
        $class = 'class Hostile { public function __unserialize(array $data): void { throw new Exception("no"); } public function __serialize(): array { return [1]; } }';
        $id = $this->roundTrip('$session->set_flashdata("a", new Hostile());', '$session->get("x");', $class);
        $this->passes("\$session = new Session(['id' => '$id']); assert(\$session->flashdata() === []);");

        $id = $this->roundTrip(
            '$session->set_flashdata("a", new Hostile());',
            'try { $session->flashdata("a"); assert(false); } catch (Holdfast\Exception\StoreException) {}
             $session->set_flashdata("b", 2);',
            $class
        );
        $this->passes("\$session = new Session(['id' => '$id']); assert(\$session->flashdata() === ['b' => 2]);");
    }

    public function testWhatTheApplicationPutsIntoTheVariableDoesNoHarm(): void
    {
        $this->roundTrip(
            '$session->set("_flashdata", ["a" => "text", "b" => ["c" => 1]]);',
            'assert($session->flashdata() === ["c" => 1]);
             $session->set_flashdata("d", 1);'
        );
        $this->roundTrip('$session->set("_flashdata", "text");', 'assert($session->flashdata() === []); $session->set_flashdata("d", 1);');
    }

    public function testASubclassMayOverrideThem(): void
    {
        $this->passes('class Mine extends Session {
                public function set_flashdata($key, $val = "") { parent::set_flashdata("my_$key", $val); }
                public function flashdata($key = "") { return parent::flashdata($key === "" ? "" : "my_$key"); }
            }
            $session = new Mine();
            $session->set_flashdata("a", 1);
            assert(array_values($session->get("_flashdata"))[0] === ["my_a" => 1]);
            assert($session->flashdata("a") === false);');
    }
}
