<?php

declare(strict_types=1);

namespace Holdfast\Tests\ExpressionEngine;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Server\SiteTestCase;

/**
 * Issue 5, 6: the names that mean a thing in both APIs, in each form that PHP code can use them in, as "Names with a meaning of their
 * own" in docs/expressionengine-api.md says.
 */
final class ReservedNamesTest extends SiteTestCase
{
    private const NAMES = ['cache', 'flashdata', 'tracker', 'userdata', 'CSRF', 'destroy'];

    /**
     * Of each form and name: what it gives, what the property is afterwards, and what the variable is afterwards, in this request and
     * in the next one. A variable V is there before.
     *
     * P: the property as it was; V: the variable as it was; N: what was written; E: an empty array; T: the form tokens; S: the session;
     * -: nothing; 1: true; !: an exception of this class, InvalidState or InvalidArgument.
     */
    private const WITH_A_VARIABLE = <<<'TABLE'
                           cache    flashdata tracker  userdata CSRF     destroy
        property         | P  P V | P  P V  | P  P V | P  P V | T  T V | V  V V
        isset property   | 1  P V | 1  P V  | 1  P V | 1  P V | 1  T V | 1  V V
        property =       | -  N V | -  N V  | !S P V | !S P V | -  T N | -  N N
        property = text  | !A P V | !A P V  | !S P V | !S P V | -  T N | -  N N
        unset property   | -  E V | -  E V  | !S P V | !S P V | -  T - | -  - -
        get              | V  P V | V  P V  | V  P V | V  P V | T  T V | V  V V
        getVal           | V  P V | V  P V  | V  P V | V  P V | T  T V | V  V V
        set              | S  P N | S  P N  | S  P N | S  P N | S  T N | S  N N
        set text         | S  P N | S  P N  | S  P N | S  P N | S  T N | S  N N
        []               | V  P V | V  P V  | V  P V | V  P V | T  T V | V  V V
        isset []         | 1  P V | 1  P V  | 1  P V | 1  P V | 1  T V | 1  V V
        [] =             | -  P N | -  P N  | -  P N | -  P N | -  T N | -  N N
        [] = text        | -  P N | -  P N  | -  P N | -  P N | -  T N | -  N N
        unset []         | -  P - | -  P -  | -  P - | -  P - | -  T - | -  - -
        getAll           | V  P V | V  P V  | V  P V | V  P V | V  T V | V  V V
        foreach          | V  P V | V  P V  | V  P V | V  P V | V  T V | V  V V
        json_encode      | V  P V | V  P V  | V  P V | V  P V | V  T V | V  V V
        count            | 1  P V | 1  P V  | 1  P V | 1  P V | 1  T V | 1  V V
        remove           | S  P - | S  P -  | S  P - | S  P - | S  T - | S  - -
        save             | 1  P N | 1  P N  | 1  P N | 1  P N | 1  T N | 1  N N
        TABLE;

    /** The same where there is no variable of that name. 0: false; W: a warning of PHP's, as an exception; O: an Error of PHP's. */
    private const WITHOUT = <<<'TABLE'
                           cache    flashdata tracker  userdata CSRF     destroy
        property         | P  P - | P  P -  | P  P - | P  P - | T  T - | -  - -
        isset property   | 1  P - | 1  P -  | 1  P - | 1  P - | 1  T - | 0  - -
        property =       | -  N - | -  N -  | !S P - | !S P - | -  T N | -  N N
        property[] =     | -  I - | W  P -  | W  P - | W  P - | O  T - | -  I I
        unset property   | -  E - | -  E -  | !S P - | !S P - | -  T - | -  - -
        get              | -  P - | -  P -  | -  P - | -  P - | T  T - | -  - -
        getVal           | -  P - | -  P -  | -  P - | -  P - | T  T - | -  - -
        set              | S  P N | S  P N  | S  P N | S  P N | S  T N | S  N N
        []               | -  P - | -  P -  | -  P - | -  P - | T  T - | -  - -
        isset []         | 0  P - | 0  P -  | 0  P - | 0  P - | 1  T - | 0  - -
        [] =             | -  P N | -  P N  | -  P N | -  P N | -  T N | -  N N
        [][] =           | -  P I | -  P I  | -  P I | -  P I | O  T - | -  I I
        unset []         | -  P - | -  P -  | -  P - | -  P - | -  T - | -  - -
        getAll           | -  P - | -  P -  | -  P - | -  P - | -  T - | -  - -
        foreach          | -  P - | -  P -  | -  P - | -  P - | -  T - | -  - -
        count            | 1  P - | 1  P -  | 1  P - | 1  P - | 1  T - | 1  - -
        remove           | S  P - | S  P -  | S  P - | S  P - | S  T - | S  - -
        TABLE;

    protected static function settings(): array
    {
        return ['holdfast.tracker' => 1];
    }

    /** @return iterable<string, array{string, string, string}> */
    public static function withAVariable(): iterable
    {
        return self::cells(self::WITH_A_VARIABLE);
    }

    /** @return iterable<string, array{string, string, string}> */
    public static function without(): iterable
    {
        return self::cells(self::WITHOUT);
    }

    /** @dataProvider withAVariable */
    public function testWhereThereIsAVariableOfTheName(string $name, string $form, string $cell): void
    {
        $this->assertCell($this->visitorWithFlashData(['set', $name, 'mine']), $name, $form, $cell, 'mine');
    }

    /** @dataProvider without */
    public function testWhereThereIsNoVariableOfTheName(string $name, string $form, string $cell): void
    {
        $this->assertCell($this->visitorWithFlashData(), $name, $form, $cell, null);
    }

    /** @return array<string, array{string}> */
    public static function names(): array
    {
        return array_map(static fn (string $name): array => [$name], array_combine(self::NAMES, self::NAMES));
    }

    /** A namespace is a variable: what is in it stays, whatever the name. @dataProvider names */
    public function testANamespaceOfTheNameKeepsWhatIsInIt(string $name): void
    {
        $visitor = $this->visitorWithFlashData();
        $this->form($visitor, $name, 'setFor', ['a', 1]);
        $said = $this->form($visitor, $name, 'setFor', ['b', 2]);
        self::assertSame('the session', $said['result']);
        $this->form($visitor, $name, 'set in namespace', ['c', 3]);
        self::assertSame(1, $this->form($visitor, $name, 'getFor', 'a')['result']);
        self::assertSame(['a' => 1, 'b' => 2, 'c' => 3], $this->form($visitor, $name, 'getAllFor')['result']);
        $this->form($visitor, $name, 'removeFor', 'a');
        $said = $this->form($visitor, $name, 'getAllFor');
        self::assertSame([['b' => 2, 'c' => 3], ['b' => 2, 'c' => 3]], [$said['result'], $said['after']['variable']]);
        if ($name !== 'destroy') {
            self::assertNotSame($said['after']['variable'], $said['after']['property']);
        }
    }

    /** @dataProvider names */
    public function testAVariableOfTheNameIsCounted(string $name): void
    {
        $visitor = $this->visitorWithFlashData();
        self::assertSame(1, $this->form($visitor, $name, 'increment')['result']);
        self::assertSame([2, 2], array_map(
            static fn (array $said): int => $said['after']['variable'],
            [$this->form($visitor, $name, 'increment'), $this->form($visitor, $name, 'nothing')]
        ));
    }

    /** @dataProvider names */
    public function testDestroyEndsTheSessionWithTheVariableOfTheName(string $name): void
    {
        $visitor = $this->visitorWithFlashData(['set', $name, 'mine']);
        self::assertTrue($this->form($visitor, $name, 'destroy()')['result']);
        self::assertSame([], $visitor->cookies);
        self::assertNull($this->form($visitor, $name, 'nothing')['before']['variable']);
    }

    private function assertCell(Browser $visitor, string $name, string $form, string $cell, ?string $variable): void
    {
        $value = str_ends_with($form, 'text') ? 'a text' : ['x' => ['y' => 1]];
        $said = $this->form($visitor, $name, str_replace(' text', '', $form), $value);
        self::assertSame($variable, $said['before']['variable']);
        if ($name !== 'destroy') {
            self::assertNotEmpty($said['before']['property']);
        }
        $meaning = [
            'P' => $said['before']['property'],
            'V' => 'mine',
            'N' => $value,
            'I' => ['k' => ['l' => $value]],
            'E' => [],
            'T' => 'the tokens',
            'S' => 'the session',
            '-' => null,
            '1' => true,
            '0' => false,
            'W' => 'ErrorException',
            'O' => 'Error',
            '!S' => 'Holdfast\Exception\InvalidState',
            '!A' => 'Holdfast\Exception\InvalidArgument',
        ];
        $expected = array_map(static fn (string $symbol): mixed => $meaning[$symbol], preg_split('/ +/', $cell));
        $result = $said['result'] === '-' ? null : $said['result'];
        self::assertSame($expected, [$result, $said['after']['property'], $said['after']['variable']]);
        self::assertSame($expected[2], $this->form($visitor, $name, 'nothing')['before']['variable'], 'at the next request');
    }

    /** @return array{result: mixed, before: array{property: mixed, variable: mixed}, after: array{property: mixed, variable: mixed}} */
    private function form(Browser $visitor, string $name, string $form, mixed $value = null): array
    {
        return self::said($visitor->get('/reserved.php?' . http_build_query(['name' => $name, 'form' => $form, 'value' => json_encode($value)])));
    }

    /** @param list<mixed> ...$calls */
    private function visitorWithFlashData(array ...$calls): Browser
    {
        $visitor = self::visitor();
        $calls = json_encode([['set_flashdata', ['k', 'here']], ...array_map(static fn (array $call): array => [array_shift($call), $call], $calls)]);
        self::said($visitor->get('/flash.php?' . http_build_query(['calls' => $calls])));
        return $visitor;
    }

    /** @return iterable<string, array{string, string, string}> */
    private static function cells(string $table): iterable
    {
        [$head, $rows] = explode("\n", $table, 2);
        \assert(preg_split('/ +/', trim($head)) === self::NAMES);
        foreach (explode("\n", $rows) as $row) {
            $cells = array_map('trim', explode(' | ', $row));
            $form = array_shift($cells);
            foreach (array_combine(self::NAMES, $cells) as $name => $cell) {
                yield "$name: $form" => [$name, $form, $cell];
            }
        }
    }
}
