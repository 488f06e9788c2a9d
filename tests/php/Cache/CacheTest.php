<?php

declare(strict_types=1);

namespace Holdfast\Tests\Cache;

use Holdfast\Tests\HoldfastTestCase;

/**
 * Issue 5: `set_cache`, `cache` and the property `cache`, as ExpressionEngine has them.
 */
final class CacheTest extends HoldfastTestCase
{
    public function testSetCacheReturnsTheSessionAndCacheTheValue(): void
    {
        $this->passes('$session = new Session();
            assert($session->set_cache("module", "name", [1, 2]) === $session);
            assert($session->cache("module", "name") === [1, 2]);
            assert($session->cache === ["module" => ["name" => [1, 2]]]);');
    }

    public function testWhatIsNotThereIsTheDefault(): void
    {
        $this->passes('$session = new Session();
            assert($session->cache === []);
            assert($session->cache("module", "name") === false);
            assert($session->cache("module", "name", "default") === "default");
            assert($session->cache("module", "name", null) === null);
            $session->set_cache("module", "null", null)->set_cache("module", "false", false)->set_cache("module", "", 0);
            assert($session->cache("module", "null", "default") === "default", "as isset()");
            assert($session->cache("module", "false", "default") === false);
            assert($session->cache("module", "", "default") === 0);
            assert($session->cache("module", "other", "default") === "default");');
    }

    public function testValuesOfEveryKindAreKeptByIdentity(): void
    {
        $this->passes('$session = new Session();
            $values = ["object" => new stdClass(), "closure" => static fn (): int => 7, "resource" => fopen("php://memory", "r"),
                "generator" => (static function () { yield 1; })(), "session" => $session, "float" => 1.5, "array" => [[new stdClass()]]];
            foreach ($values as $key => $value) {
                $session->set_cache("all", $key, $value);
            }
            foreach ($values as $key => $value) {
                assert($session->cache("all", $key) === $value, $key);
            }
            assert($session->cache["all"] === $values);
            $session->a = 1;
            $session->save();
            assert($session->getAll() === ["a" => 1]);');
    }

    public function testKeysAreThoseOfPhpsArrays(): void
    {
        $this->passes('$session = new Session();
            $session->set_cache(12, "34", "a");
            assert($session->cache("12", 34) === "a");
            assert(array_keys($session->cache) === [12]);
            assert($session->cache[12]["34"] === "a");
            try {
                $session->set_cache([], "key", 1);
                assert(false);
            } catch (Holdfast\Exception\InvalidArgument) {
            }');
    }

    public function testAddOnsChangeThePropertyInPlace(): void
    {
        $this->passes('$session = new Session();
            $session->cache["class"]["key"] = $object = new stdClass();
            assert($session->cache("class", "key") === $object);
            $session->cache["class"]["list"][] = "a";
            $session->cache["class"]["list"][] = "b";
            assert($session->cache("class", "list") === ["a", "b"]);
            $session->cache["class"]["count"] = 1;
            $session->cache["class"]["count"]++;
            $session->cache["class"]["count"] += 5;
            $session->cache["class"]["other"] ??= "set";
            assert($session->cache("class", "count") === 7 && $session->cache("class", "other") === "set");
            assert(isset($session->cache) && isset($session->cache["class"]["count"]));
            assert(!isset($session->cache["class"]["none"]) && !isset($session->cache["none"]["none"]));
            assert(empty($session->cache["none"]["none"]) && ($session->cache["none"]["none"] ?? 5) === 5);
            unset($session->cache["class"]["count"]);
            assert($session->cache("class", "count") === false);
            foreach ($session->cache["class"] as &$value) {
                $value = 0;
            }
            unset($value);
            assert($session->cache["class"] === ["key" => 0, "list" => 0, "other" => 0]);
            $copy = $session->cache;
            $session->set_cache("class", "key", 1);
            assert($copy["class"]["key"] === 0, "what was read is a copy");
            unset($session->cache);
            assert($session->cache === []);
            $session->cache = ["a" => ["b" => "c"]];
            assert($session->cache("a", "b") === "c");');
    }

    /** `$this->cache =& ee()->session->cache[__CLASS__]` is what add-ons do. */
    public function testAReferenceIntoTheCacheAndTheMethodsAreTheSame(): void
    {
        $this->passes('$session = new Session();
            $mine =& $session->cache["AddOn"];
            assert($mine === null);
            $mine = ["a" => 1];
            $session->set_cache("AddOn", "b", 2);
            assert($mine === ["a" => 1, "b" => 2]);
            $mine["c"] = 3;
            assert($session->cache("AddOn", "c") === 3);
            $whole =& $session->cache;
            $whole["Other"]["x"] = "y";
            assert($session->cache("Other", "x") === "y");
            $session->set_cache("Other", "z", 0);
            assert($whole["Other"] === ["x" => "y", "z" => 0]);
            $value =& $session->cache["Other"]["x"];
            $session->set_cache("Other", "x", "new");
            assert($value === "new");');
    }

    public function testWhatIsNoArrayIsAnErrorThatNamesIt(): void
    {
        $this->passes('$session = new Session();
            foreach (["text", 5, null, new ArrayObject()] as $other) {
                try {
                    $session->cache = $other;
                    assert(false);
                } catch (Holdfast\Exception\InvalidArgument $failure) {
                    assert(str_contains($failure->getMessage(), "cache"));
                }
            }
            $session->cache["class"] = "text";
            assert($session->cache("class", "key", "default") === "default");
            try {
                $session->set_cache("class", "key", new stdClass());
                assert(false);
            } catch (Holdfast\Exception\InvalidState $failure) {
                assert(str_contains($failure->getMessage(), "\'class\'"));
            }
            $session->cache["class"] = null;
            assert($session->set_cache("class", "key", 1)->cache("class", "key") === 1);');
    }

    public function testAllHandlesOfACookieNameShareIt(): void
    {
        $this->passes('class Other extends Session {}
            (new Session())->set_cache("a", "b", $object = new stdClass());
            assert((new Session())->cache("a", "b") === $object);
            assert(Session::current()->cache("a", "b") === $object);
            assert((new Other())->cache["a"]["b"] === $object);
            assert((new Session(["cookie_name" => "other"]))->cache === []);');
    }

    /** No store is opened: its directory does not exist. */
    public function testTheSessionIsNotEvenRead(): void
    {
        $this->passes('$session = new Session(["id" => str_repeat("A", 43)]);
            $session->set_cache("a", "b", 1);
            $session->cache["a"]["c"] = 2;
            assert($session->cache === ["a" => ["b" => 1, "c" => 2]]);
            assert($session->cache("a", "b") === 1);
            try {
                $session->get("a");
                assert(false);
            } catch (Holdfast\Exception\StoreException) {
            }', ['holdfast.store' => 'shared:///nowhere/at/all']);
    }

    public function testItOutlivesCloseDestroyAndANewId(): void
    {
        $this->passes('$session = new Session();
            $session->a = 1;
            $session->set_cache("a", "b", $object = new stdClass());
            foreach (["save", "close", "start", "regenerate", "destroy"] as $method) {
                $session->$method();
                assert($session->cache("a", "b") === $object, $method);
                $session->set_cache("after", $method, true);
            }
            assert(count($session->cache["after"]) === 5);');
    }

    public function testItIsNoneOfTheVariables(): void
    {
        $this->passes('$session = new Session();
            $session->set_cache("a", "b", static fn () => 1);
            assert(count($session) === 0 && $session->getAll() === [] && json_encode($session) === "[]");
            assert(iterator_to_array($session) === []);
            assert($session->getId() === "");
            assert(!$session->isChanged());');
    }

    /** The rule for the names that mean something of their own: docs/expressionengine-api.md. */
    public function testAVariableOfThatNameIsReadByGet(): void
    {
        $this->roundTrip(
            '$session->set("cache", "a variable"); $session->cache = ["a" => []];',
            'assert($session->get("cache") === "a variable" && $session["cache"] === "a variable");
            assert($session->cache === []);
            $session["cache"] = "another";
            $session->cache["a"]["b"] = 1;
            assert($session->get("cache") === "another" && $session->cache === ["a" => ["b" => 1]]);
            unset($session["cache"]);
            assert($session->get("cache") === null && $session->cache("a", "b") === 1);'
        );
    }

    public function testSubclassesHaveItToo(): void
    {
        $this->passes('class Getting extends Session {
                public function get($key, $_key = null) { return "got $key"; }
                public function set($key, $value, $_value = null) { throw new LogicException($key); }
            }
            $session = new Getting();
            assert($session->a === "got a");
            $session->cache["a"]["b"] = 1;
            assert($session->cache === ["a" => ["b" => 1]], "get() is of variables");
            class Declaring extends Session { public $cache = "declared"; }
            assert((new Declaring())->cache === "declared" && (new Declaring())->cache("a", "b") === 1);
            class Magic extends Session { public function __get($name) { return $name === "mine" ? "mine" : parent::__get($name); } }
            assert((new Magic())->mine === "mine" && (new Magic())->cache === ["a" => ["b" => 1]]);
            class Overriding extends Session { public function set_cache($class, $key, $val): static { return parent::set_cache($class, $key, [$val]); } }
            assert((new Overriding())->set_cache("a", "c", 2)->cache("a", "c") === [2]);');
    }
}
