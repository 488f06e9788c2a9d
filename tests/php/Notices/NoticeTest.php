<?php

declare(strict_types=1);

namespace Holdfast\Tests\Notices;

use Holdfast\Tests\HoldfastTestCase;

/**
 * Issue 4: `Holdfast\Notice`, and what `message($text, $flags)` takes.
 */
final class NoticeTest extends HoldfastTestCase
{
    private const FIRST = 'function first(mixed $text, mixed $flags = 0): Holdfast\Notice {
        $session = Session::current();
        $session->message($text, $flags);
        [$notice] = $session->messages();
        return $notice;
    }
    ';

    public function testItSaysWhatItIs(): void
    {
        $this->passes('$session = new Session();
            $before = time();
            foreach (["message", "error", "warning"] as $type) {
                $session->$type("Saved.", Holdfast\Notice::noGroup);
                [$notice] = $session->{"{$type}s"}();
                assert($notice instanceof Holdfast\Notice && $notice instanceof Stringable);
                assert($notice->text === "Saved." && (string) $notice === "Saved.");
                assert($notice->type === $type);
                assert($notice->flags === 131072 && $notice->hasFlag("noGroup") && !$notice->hasFlag(32));
                assert($notice->time >= $before && $notice->time <= time());
                assert(json_encode($notice) === json_encode(["text" => "Saved.", "flags" => 131072, "type" => $type, "time" => $notice->time]));
            }');
    }

    public function testItsFlagsAreProcessWires(): void
    {
        $this->passes('assert((new ReflectionClass(Holdfast\Notice::class))->getConstants() === [
            "prepend" => 1, "debug" => 2, "warning" => 4, "log" => 8, "logOnly" => 16, "allowMarkup" => 32, "markup" => 32,
            "anonymous" => 65536, "noGroup" => 131072, "separate" => 131072, "login" => 262144, "admin" => 524288,
            "superuser" => 1048576, "persist" => 2097152, "allowMarkdown" => 4194304, "markdown" => 4194304,
            "allowDuplicate" => 8388608, "duplicate" => 8388608]);');
    }

    public function testFlagsByNumberByNameAndInArrays(): void
    {
        $this->passes(self::FIRST . '
            foreach ([
                [0, 0], [34, 34], ["34", 34], ["debug", 2], ["DEBUG", 2], ["allowMarkup debug", 34], ["markup, debug", 34],
                ["log,debug", 10], [["debug", 32, "separate"], 131106], [true, 8], [false, 0], [null, 0], ["", 0],
                ["no such flag", 0], ["duplicate", 8388608], ["warning", 0],
            ] as [$given, $flags]) {
                assert(first("x", $given)->flags === $flags, var_export($given, true));
            }
            foreach ([1.5, new stdClass(), [[1]]] as $bad) {
                try {
                    first("x", $bad);
                    assert(false);
                } catch (Holdfast\Exception\InvalidArgument) {
                }
            }');
    }

    public function testTextsOfEveryKind(): void
    {
        $this->passes(self::FIRST . '
            class Text { public function __toString(): string { return "an object"; } }
            foreach ([
                ["text", "text"], ["", ""], [7, "7"], [1.5, "1.5"], [true, "1"], [false, ""], [new Text(), "an object"],
                [["Cart" => "full"], "Cart: full"], [["Cart" => 3], "Cart: 3"], [["Cart" => new Text()], "Cart: an object"],
                [["a", "b"], print_r(["a", "b"], true)], [["only"], print_r(["only"], true)],
                [["Rows" => [1, 2]], "Rows: " . print_r([1, 2], true)], [[], print_r([], true)],
            ] as [$given, $text]) {
                assert(first($given)->text === $text, var_export($given, true));
            }
            Session::current()->message(null);
            assert(Session::current()->messages() === [], "null says nothing");
            try {
                first(STDERR);
                assert(false);
            } catch (Holdfast\Exception\InvalidArgument) {
            }
            try {
                first(new stdClass());
                assert(false);
            } catch (Error) {
            }');
    }

    public function testHtmlIsSafeUnlessMarkupIsAllowed(): void
    {
        $this->passes(self::FIRST . <<<'PHP'
            $evil = "<script>alert(\"1\" + '2')</script> &amp; \xff";
            assert(first($evil)->html() === htmlspecialchars($evil));
            assert(first($evil, 'debug')->html() === htmlspecialchars($evil));
            assert((string) first($evil) === $evil && first($evil)->text === $evil);
            assert(first('<b>bold</b>', Holdfast\Notice::allowMarkup)->html() === '<b>bold</b>');
            assert(first(['<i>' => '<b>bold</b>'], 'markup')->html() === '<strong>&lt;i&gt;:</strong> <b>bold</b>');
            assert(first(['<i>' => '<b>'])->html() === '&lt;i&gt;: &lt;b&gt;');
            assert(first(['<b>', 1], 'markup')->html() === htmlspecialchars(print_r(['<b>', 1], true)), 'a dump is no markup');
            assert(first(['<i>' => ['<b>']], 'markup')->html() === htmlspecialchars('<i>: ' . print_r(['<b>'], true)));
            assert(first('**bold** <b>', 'markdown')->html() === '**bold** &lt;b&gt;', 'no Markdown is read');
            PHP);
    }

    public function testPrependPutsANoticeInFront(): void
    {
        $this->passes('$session = new Session();
            $session->message("a")->message("b", "prepend")->message("c")->message("d", Holdfast\Notice::prepend);
            assert(array_map("strval", $session->messages(false)) === ["d", "b", "a", "c"]);
            assert(array_map("strval", $session->messages()) === ["d", "b", "a", "c"]);');
    }

    public function testEqualNoticesAreAllShown(): void
    {
        $this->passes('$session = new Session();
            $session->message("twice")->message("twice");
            assert(count($session->messages()) === 2);');
    }

    public function testItIsMadeByASessionAndNeverChanged(): void
    {
        $this->passes(self::FIRST . '
            $class = new ReflectionClass(Holdfast\Notice::class);
            assert($class->isFinal() && !$class->isInstantiable());
            $notice = first("x");
            foreach (["text", "flags", "type", "time"] as $property) {
                try {
                    $notice->$property = 1;
                    assert(false);
                } catch (Error) {
                }
            }
            $empty = $class->newInstanceWithoutConstructor();
            assert((string) $empty === "" && $empty->html() === "" && !$empty->hasFlag("debug"));');
    }

    public function testItCanBeStoredInASession(): void
    {
        $this->roundTrip(self::FIRST . '$session->set("notice", first("x", 2));', '
            assert($session->notice->text === "x" && $session->notice->flags === 2 && $session->notice->html() === "x");');
    }
}
