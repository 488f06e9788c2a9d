<?php

declare(strict_types=1);

namespace Holdfast\Tests\SaveHandler;

/**
 * Issue 3: every PHP value goes through `$_SESSION` with `session.serialize_handler = holdfast`; what can't be stored is
 * refused by a warning that names the key, and the rest is saved.
 */
final class ValuesTest extends HandlerCliTestCase
{
    public function testEveryValueComesBackAsItWas(): void
    {
        $samples = 'require ' . var_export(dirname(__DIR__) . '/Values/samples.php', true) . ';';
        $id = $this->write('foreach (samples() as $name => $value) { $_SESSION[$name] = $value; }', $samples);
        $check = <<<'PHP'
            $onceThere = static fn (mixed $value): string => serialize(unserialize(serialize([$value])));
            foreach (samples() as $name => $value) {
                assert(serialize([$_SESSION[$name]]) === $onceThere($value), $name);
            }
            assert(array_keys($_SESSION) === array_keys(samples()));
            PHP;
        $this->read($id, $check, $samples);
        // Encoded again beside a change, each of them once more.
        $this->read($id, '$_SESSION["one byte"] = 0; session_write_close(); session_start(); $_SESSION["one byte"] = 127;', $samples);
        $this->read($id, $check, $samples);
    }

    public function testEveryKey(): void
    {
        $keys = '[0 => "zero", 5 => "five", -5 => "minus", PHP_INT_MAX => "max", PHP_INT_MIN => "min", "05" => "octal", "1.5" => "float",
            "" => "empty", "\0" => "nul", "a|b" => "bar", "!x" => "bang", "ü" => "umlaut", "\xFF" => "byte", " " => "space",
            "_SESSION" => "itself", "GLOBALS" => "globals"]';
        $id = $this->write("\$_SESSION = $keys;");
        $this->read($id, "assert(\$_SESSION === $keys, json_encode(array_keys(\$_SESSION))); unset(\$_SESSION[5]); \$_SESSION['5x'] = 1; \$_SESSION[7] = 'seven';");
        $this->read($id, 'assert(!isset($_SESSION[5])); assert($_SESSION[7] === "seven"); assert($_SESSION["05"] === "octal");');
    }

    /** PHP's own array forgets the next index too when it is unserialized: what is appended goes after the last key. */
    public function testAppendingToTheSessionItself(): void
    {
        $id = $this->write('$_SESSION[] = "a"; $_SESSION[] = "b";');
        $this->read($id, 'assert($_SESSION === ["a", "b"]); $_SESSION[] = "c";');
        $this->read($id, 'assert($_SESSION === ["a", "b", "c"]);');
    }

    public function testIdentityOfObjectsBetweenVariables(): void
    {
        $id = $this->write('$o = (object) ["n" => 1]; $_SESSION["a"] = $o; $_SESSION["b"] = ["in" => $o]; $_SESSION["c"] = clone $o;');
        for ($n = 1; $n <= 3; ++$n) {
            $this->read($id, "assert(\$_SESSION['a'] === \$_SESSION['b']['in']); assert(\$_SESSION['a'] !== \$_SESSION['c']);
                assert(\$_SESSION['a']->n === $n); assert(\$_SESSION['c']->n === 1); \$_SESSION['b']['in']->n++;");
        }
        $this->read($id, 'unset($_SESSION["a"]); assert($_SESSION["b"]["in"]->n === 4);');
        $this->read($id, 'assert($_SESSION["b"]["in"]->n === 4); assert(array_keys($_SESSION) === ["b", "c"]);');
    }

    public function testReferencesBetweenVariables(): void
    {
        $id = $this->write('$x = 1; $_SESSION["a"] = &$x; $_SESSION["b"] = &$x; $_SESSION["c"] = $x;');
        $this->read($id, '$_SESSION["a"] = 2; assert($_SESSION["b"] === 2); assert($_SESSION["c"] === 1);');
        $this->read($id, 'assert($_SESSION === ["a" => 2, "b" => 2, "c" => 1]);');
    }

    public function testReferencesWithinAVariable(): void
    {
        $id = $this->write('$x = 1; $_SESSION["refs"] = ["a" => &$x, "b" => &$x]; $cycle = []; $cycle["self"] = &$cycle; $_SESSION["cycle"] = $cycle;');
        $this->read($id, '$_SESSION["refs"]["a"] = 2; assert($_SESSION["refs"]["b"] === 2); assert(isset($_SESSION["cycle"]["self"]["self"]["self"]));');
    }

    /** A reference to the script's own variable is no part of the session. */
    public function testAReferenceToALocalVariable(): void
    {
        $id = $this->write('$x = ["n" => 1]; $_SESSION["x"] = &$x; $x["n"] = 2;');
        $this->read($id, 'assert($_SESSION["x"] === ["n" => 2]); foreach ($_SESSION as $key => &$value) { $value["n"]++; }');
        $this->read($id, 'assert($_SESSION["x"] === ["n" => 3]);');
    }

    public function testAnObjectThatIsChangedAfterItWasSet(): void
    {
        $id = $this->write('$o = new ArrayObject(); $_SESSION["o"] = $o; $o["late"] = 1; class Late { function __destruct() { $_SESSION["o"]["later"] = 2; } } $late = new Late();');
        $this->read($id, 'assert($_SESSION["o"]->getArrayCopy() === ["late" => 1, "later" => 2]); $_SESSION["o"]["more"] = 3;');
        $this->read($id, 'assert(count($_SESSION["o"]) === 3);');
    }

    public function testAClassThatIsUnknown(): void
    {
        $id = $this->write('class Known { public $a = 1; } $_SESSION["o"] = new Known(); $_SESSION["n"] = 1;');
        $this->read($id, 'assert($_SESSION["o"] instanceof __PHP_Incomplete_Class); $_SESSION["n"] = 2;');
        $this->read($id, 'assert($_SESSION["o"] instanceof Known && $_SESSION["o"]->a === 1); assert($_SESSION["n"] === 2);', 'class Known { public $a = 7; }');
    }

    public function testAutoloadingWhileTheSessionIsRead(): void
    {
        $id = $this->write('eval("class Lazy { public int \$n = 7; }"); $_SESSION["lazy"] = new Lazy();');
        $this->read(
            $id,
            'assert($_SESSION["lazy"]->n === 7); assert($loaded === ["Lazy"]);',
            'spl_autoload_register(static function (string $class): void { $GLOBALS["loaded"][] = $class; eval("class $class { public int \$n = 7; }"); });'
        );
    }

    /** @dataProvider unstorable */
    public function testWhatCanNotBeStoredKeepsItsStoredValueAndTheRestIsSaved(string $value): void
    {
        foreach (['', 'session_write_close();'] as $end) {
            $id = $this->write('$_SESSION["before"] = 1; $_SESSION["badkey"] = "stored"; $_SESSION["gone"] = 1;');
            $changed = $this->cli()->run("session_id('$id'); session_start(); \$_SESSION['before'] = 2; \$_SESSION['badkey'] = $value;
                \$_SESSION['newbad'] = $value; unset(\$_SESSION['gone']); \$_SESSION['after'] = 3; $end echo 'reached the end';");
            self::assertSame('reached the end', $changed->output, (string) $changed);
            self::assertMatchesRegularExpression('/Warning: .*badkey/', $changed->errors);
            self::assertMatchesRegularExpression('/Warning: .*newbad/', $changed->errors);
            self::assertSame(2, substr_count($changed->errors, 'Warning'), $changed->errors);
            self::assertStringNotContainsString('Fatal', $changed->errors);
            $this->read($id, 'assert($_SESSION == ["before" => 2, "badkey" => "stored", "after" => 3], json_encode($_SESSION));');
        }
    }

    /** @return array<string, array{string}> */
    public static function unstorable(): array
    {
        return [
            'a closure' => ['static fn () => 1'],
            'a closure in an array' => ['["deep" => ["in" => static fn () => 1]]'],
            'a closure in an object' => ['(object) ["f" => static fn () => 1]'],
            'a generator' => ['(function () { yield 1; })()'],
            'an object that refuses' => ['new class { function __serialize(): array { throw new Exception("no"); } }'],
            'an anonymous class' => ['new class { public $a = 1; }'],
        ];
    }

    /** As PHP's own serializers keep it: as the number 0. */
    public function testAResource(): void
    {
        $written = $this->writeWithWarnings('$_SESSION["good"] = 1; $_SESSION["badkey"] = fopen("php://memory", "r");');
        self::assertStringContainsString('badkey', $written->errors);
        $this->read($this->idOf($written), 'assert($_SESSION["good"] === 1);');
    }

    /** @dataProvider throwers */
    public function testAnErrorHandlerThatThrowsDoesNotLoseTheRest(string $end): void
    {
        $id = $this->write('$_SESSION["good"] = 1;');
        $changed = $this->cli()->run("set_error_handler(static function (int \$level, string \$text): never { throw new ErrorException(\$text); });
            session_id('$id'); session_start(); \$_SESSION['good'] = 2; \$_SESSION['badkey'] = static fn () => 1; $end");
        self::assertStringContainsString('badkey', $changed->errors . $changed->output);
        $this->read($id, 'assert($_SESSION === ["good" => 2], json_encode($_SESSION));');
    }

    /** @return array<string, array{string}> */
    public static function throwers(): array
    {
        return [
            'at the end of the request' => [''],
            'in session_write_close()' => ['try { session_write_close(); } catch (ErrorException $e) { echo $e->getMessage(); }'],
        ];
    }

    /** Code of the application runs while the session is being encoded. */
    public function testSerializeMethodsThatUseTheSession(): void
    {
        $id = $this->write(
            '$_SESSION["a"] = new Meddler(); $_SESSION["b"] = [1, 2, 3];',
            'class Meddler { public $n = 1; function __serialize(): array { $_SESSION["b"][] = 4; $_SESSION["new"] = session_id(); unset($_SESSION["c"]); @session_start(); return ["n" => 2]; }
                function __unserialize(array $d): void { $this->n = $d["n"]; @session_write_close(); } }'
        );
        $this->read($id, 'assert($_SESSION["a"]->n === 2); assert(array_slice($_SESSION["b"], 0, 3) === [1, 2, 3]);', 'class Meddler { public $n = 1; }');
    }

    /** The array that is being encoded is in a reference, which is set to something else meanwhile. */
    public function testSerializeMethodsThatTakeAwayWhatTheyAreIn(): void
    {
        $taker = 'class Taker {
            function __serialize(): array {
                $GLOBALS["list"] = 1;
                for ($n = 0; $n < 300; ++$n) {
                    $GLOBALS["others"][] = [str_repeat("f", 60), $n, [1, 2, 3, $n], "k$n" => $n];
                }
                return [];
            }
            function __unserialize(array $data): void {}
        }';
        $rows = 'for ($n = 0; $n < 50; ++$n) { $rows[] = ["row $n", $n, [str_repeat("x", $n)]]; }';
        $id = $this->write("$rows \$list = [new Taker(), ...\$rows]; \$_SESSION['x'] = ['in' => &\$list]; session_write_close();", $taker);
        $this->read($id, "$rows assert(array_slice(\$_SESSION['x']['in'], 1) === \$rows); session_abort();", $taker);
    }

    /**
     * What a script has not written to is not encoded again: whatever it does to the rest is saved.
     *
     * @dataProvider changes
     */
    public function testEveryWayToChangeWhatWasRead(string $change): void
    {
        $build = '["n" => 1, "text" => str_repeat("t", 300), "list" => [3, 1, 2], "none" => [], "deep" => ["rows" => array_fill(0, 20, ["id" => 7,
            "name" => str_repeat("n", 40), "tags" => ["a", "b"]]), "one" => ["x" => ["y" => ["z" => range(1, 60)]]]], "same" => range(1, 60), 5 => "five"]';
        $id = $this->write("\$_SESSION = $build;");
        $onModel = str_replace('$_SESSION', '$model', $change);
        $model = "\$model = $build; (static function () use (&\$model): void { $onModel })();";
        $this->read($id, "$change assert(true);");
        $this->read($id, "$model assert(serialize(\$_SESSION) === serialize(\$model), json_encode(\$_SESSION));");
        $this->read($id, "\$_SESSION['n'] = 'again';");
        $this->read($id, "$model \$model['n'] = 'again'; ksort(\$model); ksort(\$_SESSION); assert(serialize(\$_SESSION) === serialize(\$model), json_encode(\$_SESSION));");
    }

    /** @return array<string, array{string}> */
    public static function changes(): array
    {
        return [
            'nothing' => [''],
            'a number' => ['$_SESSION["n"]++;'],
            'a byte of a text' => ['$_SESSION["text"][7] = "X";'],
            'a text that grows' => ['$_SESSION["text"] .= "end";'],
            'deep' => ['$_SESSION["deep"]["one"]["x"]["y"]["z"][59] = 0;'],
            'a row' => ['$_SESSION["deep"]["rows"][3]["tags"][] = "c";'],
            'by reference' => ['$r = &$_SESSION["deep"]["rows"][0]; $r["id"] = 8; unset($r);'],
            'by a reference that stays' => ['$r = &$_SESSION["deep"]["one"]; $r["more"] = true; $GLOBALS["r"] = &$r;'],
            'foreach by reference' => ['foreach ($_SESSION["deep"]["rows"] as $key => &$row) { if ($key === 5) { $row["name"] = "five"; } }'],
            'foreach over all by reference' => ['foreach ($_SESSION as &$value) { if (is_array($value)) { $value["added"] = 1; } }'],
            'array_walk_recursive' => ['array_walk_recursive($_SESSION["deep"], static function (mixed &$leaf): void { if ($leaf === "b") { $leaf = "B"; } });'],
            'sort' => ['sort($_SESSION["list"]);'],
            'array_pop' => ['array_pop($_SESSION["deep"]["rows"]);'],
            'array_splice' => ['array_splice($_SESSION["deep"]["rows"], 2, 3);'],
            'a part moved' => ['$_SESSION["moved"] = $_SESSION["deep"]["one"]; unset($_SESSION["deep"]["one"]);'],
            'a part twice' => ['$_SESSION["same"] = [$_SESSION["same"], $_SESSION["same"]];'],
            'a part around' => ['$_SESSION["list"] = ["deep" => ["deeper" => $_SESSION["deep"]]];'],
            'an equal value' => ['$_SESSION["same"] = range(1, 60);'],
            'the last one out and in' => ['$all = $_SESSION; unset($_SESSION[5]); $_SESSION[5] = $all[5];'],
            'the first one out and in' => ['$n = $_SESSION["n"]; unset($_SESSION["n"]); $_SESSION["n"] = $n;'],
            'all replaced' => ['$_SESSION = ["deep" => $_SESSION["deep"], "n" => 2];'],
            'a part as all' => ['$_SESSION = $_SESSION["deep"];'],
            'cycles collected' => ['$a = [&$_SESSION["deep"]]; $a[] = &$a; unset($a); gc_collect_cycles(); $_SESSION["deep"]["one"]["x"] = 1;'],
        ];
    }

    /**
     * Without those calls that PHP itself crashes of, with every handler and serializer: session_encode(),
     * session_write_close() and session_destroy() begin to encode again, without an end.
     *
     * @dataProvider meddlers
     */
    public function testSerializeMethodsThatEndTheSession(string $call): void
    {
        $result = $this->cli()->run(
            "class Ender { function __serialize(): array { $call; return []; } }
             session_start(); \$_SESSION['n'] = 1; session_write_close(); session_start(); \$_SESSION['e'] = new Ender(); \$_SESSION['n'] = 2;
             session_write_close(); echo 'reached the end';"
        );
        self::assertSame('reached the end', $result->output, (string) $result);
        self::assertSame(0, $result->exitCode, 'no crash');
    }

    /** @return array<string, array{string}> */
    public static function meddlers(): array
    {
        $calls = [
            'session_abort()', 'session_reset()', 'session_regenerate_id(true)', 'session_unset()', 'session_gc()', 'session_create_id()', '$_SESSION = []', 'unset($_SESSION)', 'unset($GLOBALS["_SESSION"])',
            '(new Session())->set("a", 1)',
        ];
        return array_combine($calls, array_map(static fn (string $call): array => ["@$call"], array_map(
            static fn (string $call): string => str_starts_with($call, '$') || str_starts_with($call, 'unset') ? "0; $call" : $call,
            $calls
        )));
    }

    public function testALargeSession(): void
    {
        $id = $this->write('for ($n = 0; $n < 20000; ++$n) { $_SESSION["key $n"] = ["id" => $n, "title" => str_repeat("x", $n % 50)]; }');
        $this->read($id, 'assert(count($_SESSION) === 20000); assert($_SESSION["key 19999"]["id"] === 19999); $_SESSION["key 7"]["id"] = "changed";');
        $this->read($id, 'assert($_SESSION["key 7"]["id"] === "changed"); assert(array_key_last($_SESSION) === "key 19999");');
    }

    /** R17: what is too large for the store is a warning, and what was stored before stays. */
    public function testATooLargeSessionKeepsThePreviousOne(): void
    {
        $id = $this->write('$_SESSION["good"] = 1;');
        $changed = $this->cli()->run("session_id('$id'); session_start(); \$_SESSION['good'] = 2; \$_SESSION['large'] = random_bytes(20 << 20); echo 'reached the end';");
        self::assertSame('reached the end', $changed->output);
        self::assertStringContainsString('Warning', $changed->errors);
        $this->read($id, 'assert($_SESSION === ["good" => 1], json_encode(array_keys($_SESSION)));');
    }
}
