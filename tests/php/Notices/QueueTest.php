<?php

declare(strict_types=1);

namespace Holdfast\Tests\Notices;

use Holdfast\Tests\HoldfastTestCase;

/**
 * Issue 4: `message`, `error`, `warning`, `messages`, `errors`, `warnings`, `clearNotices`, `removeNotices`.
 */
final class QueueTest extends HoldfastTestCase
{
    public function testAQueuedNoticeIsThereInTheNextRequest(): void
    {
        $this->roundTrip(
            'assert($session->message("m 1") === $session);
             assert($session->error("e") === $session);
             assert($session->warning("w") === $session);
             $session->message("m 2");',
            'assert(array_map("strval", $session->messages()) === ["m 1", "m 2"]);
             assert(array_map("strval", $session->errors()) === ["e"]);
             assert(array_map("strval", $session->warnings()) === ["w"]);
             assert($session->messages() === [] && $session->errors() === [] && $session->warnings() === []);'
        );
    }

    public function testWhatWasQueuedInThisRequestIsShownInIt(): void
    {
        $this->passes('$session = new Session();
            $session->message("now");
            assert(array_map("strval", $session->messages()) === ["now"]);
            assert($session->messages() === []);
            assert(count($session) === 0, "nothing is left of it");');
        $this->roundTrip('$session->message("before");', '$session->message("now");
            assert(array_map("strval", $session->messages()) === ["before", "now"]);');
    }

    public function testWithFalseTheyStay(): void
    {
        $this->roundTrip(
            '$session->error("stays");
             assert(count($session->errors(false)) === 1);',
            'assert(count($session->errors(false)) === 1);
             assert(count($session->errors(false)) === 1);
             assert(count($session->errors()) === 1);
             assert(count($session->errors(false)) === 0);'
        );
    }

    public function testShowingOneKindKeepsTheOthers(): void
    {
        $this->roundTrip(
            '$session->message("m")->error("e");',
            'assert(count($session->errors()) === 1);
             $session->save();
             assert(count($session->messages()) === 1);'
        );
    }

    public function testClearNoticesAndRemoveNoticesTakeAllOfThem(): void
    {
        foreach (['clearNotices', 'removeNotices'] as $clear) {
            $this->roundTrip(
                '$session->message("m")->error("e")->warning("w");',
                "assert(\$session->$clear() === \$session);
                 assert(\$session->messages() === [] && \$session->errors() === [] && \$session->warnings() === []);"
            );
        }
    }

    public function testTheyAreStoredAsProcessWireStoresThem(): void
    {
        $this->roundTrip('$session->error("e", Holdfast\Notice::allowMarkup);', '
            $item = $session->getFor("_notices", "errors")[0];
            assert($item["text"] === "e" && $item["flags"] === 32 && abs($item["time"] - time()) < 60);
            $session->setFor("_notices", "messages", [["text" => "by hand"], ["flags" => 1], "text", ["text" => []]]);
            assert(array_map("strval", $session->messages()) === ["by hand"]);
            assert($session->messages() === []);');
    }

    public function testAVariableOfAnotherTypeInTheirPlaceIsNone(): void
    {
        $this->passes('$session = new Session();
            foreach (["text", 1, ["messages" => "text"], ["messages" => null]] as $other) {
                $session->set("_notices", $other);
                assert($session->messages() === [] && $session->messages(false) === []);
                $session->message("x");
                assert(count($session->messages()) === 1);
            }');
    }

    /** Whatever is said of a failed request stands in the exception; what was not shown is not lost. */
    public function testWhatCouldNotBeTakenOutIsNotLost(): void
    {
        $id = $this->roundTrip('$session->message("kept");', '');
        $result = $this->cli()->run("\$session = new Session(['id' => '$id']);
            \$session->bad = (object) ['closure' => static fn () => 1];
            try { \$session->messages(); echo 'shown'; } catch (Holdfast\\Exception\\UnstorableValue) { echo 'refused'; }");
        self::assertSame('refused', $result->output);
        $this->passes("assert(count((new Session(['id' => '$id']))->messages()) === 1);");
    }

    public function testWhatFailedToBeTakenOutAtTheLastMomentIsNotLost(): void
    {
        $class = 'class FailsTheSecondTime {
            private static int $times = 0;
            public function __serialize(): array { return ++self::$times === 2 ? throw new Exception("not now") : []; }
            public function __unserialize(array $data): void {}
        }
        ';
        $id = $this->roundTrip('$session->message("kept")->error("also");', '');
        $this->passes($class . "\$session = new Session(['id' => '$id']);
            \$session->setFor('_notices', 'of the application', new FailsTheSecondTime());
            try {
                \$session->messages();
                assert(false);
            } catch (Holdfast\\Exception\\UnstorableValue \$failure) {
                assert(str_contains(\$failure->getMessage(), 'not now'));
            }
            \$session->beside = 1;");
        $this->passes($class . "\$session = new Session(['id' => '$id']);
            assert(\$session->beside === 1 && count(\$session->messages(false)) === 1 && count(\$session->errors(false)) === 1);");
    }

    public function testInAClosedSessionTheyCanBeLookedAt(): void
    {
        $this->passes('$session = new Session();
            $session->message("m")->close();
            assert(count($session->messages(false)) === 1);
            foreach (["messages", "errors", "clearNotices"] as $take) {
                try {
                    $session->$take();
                    assert(false);
                } catch (Holdfast\Exception\InvalidState) {
                }
            }
            try {
                $session->error("late");
                assert(false);
            } catch (Holdfast\Exception\InvalidState) {
            }
            $session->start();
            assert(count($session->messages()) === 1);');
    }

    /** Code of the application may use the session while its notices are being made or shown. */
    public function testCodeThatRunsInBetweenMayQueueAndShow(): void
    {
        $this->passes('
            class Said { public function __toString(): string { Session::current()->message("inside"); return "outside"; } }
            $session = new Session();
            $session->message(new Said());
            assert(array_map("strval", $session->messages()) === ["inside", "outside"]);
            class Shows {
                public function __serialize(): array { $GLOBALS["shown"][] = count(Session::current()->messages(false)); return []; }
                public function __unserialize(array $data): void {}
            }
            $session->message("m");
            $session->save();
            $session->shows = new Shows();
            assert(count($session->messages()) === 1);
            assert($session->messages() === []);');
    }
}
