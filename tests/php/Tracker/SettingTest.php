<?php

declare(strict_types=1);

namespace Holdfast\Tests\Tracker;

use Holdfast\Tests\HoldfastTestCase;

/**
 * Issue 5: `tracker` on the command line, its setting, and its name.
 */
final class SettingTest extends HoldfastTestCase
{
    public function testOnACommandLineThereAreNoPages(): void
    {
        $this->passes('$session = new Session();
            $session->a = 1;
            assert($session->tracker === [] && isset($session->tracker));
            assert($session->do_not_track() === null);
            $session->save();
            assert($session->getAll() === ["a" => 1]);', ['holdfast.tracker' => 1]);
    }

    public function testItIsOffUnlessItIsAskedFor(): void
    {
        $this->passes('assert(ini_get("holdfast.tracker") === "0");
            assert((new Session())->tracker === []);');
    }

    public function testABadValueIsAnErrorThatNamesIt(): void
    {
        $result = $this->cli(['holdfast.tracker' => 'perhaps'])->run('');
        self::assertStringContainsString('holdfast.tracker must be on or off', $result->errors);
        $this->passes('try {
                new Session(["tracker" => "perhaps"]);
                assert(false);
            } catch (Holdfast\Exception\InvalidArgument $failure) {
                assert(str_contains($failure->getMessage(), "\'tracker\'"));
            }
            new Session(["tracker" => true]);');
    }

    /** The rule for the names that mean something of their own: docs/expressionengine-api.md. */
    public function testAVariableOfThatNameIsReadByGet(): void
    {
        $this->roundTrip(
            '$session->set("tracker", "a variable");',
            'assert($session->get("tracker") === "a variable" && $session["tracker"] === "a variable");
            assert($session->tracker === []);
            foreach ([static fn () => $session->tracker = ["a"], static function () use ($session) { unset($session->tracker); }] as $change) {
                try {
                    $change();
                    assert(false);
                } catch (Holdfast\Exception\InvalidState $failure) {
                    assert(str_contains($failure->getMessage(), "tracker"));
                }
            }
            assert($session->get("tracker") === "a variable");'
        );
    }

    public function testItCannotBeChangedInPlace(): void
    {
        $result = $this->cli()->run('$session = new Session();
            $session->tracker[] = "a";
            assert($session->tracker === [] && $session->getAll() === []);');
        self::assertStringContainsString('Indirect modification of overloaded property', $result->errors);
        self::assertSame(0, $result->exitCode);
    }
}
