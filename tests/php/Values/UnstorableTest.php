<?php

declare(strict_types=1);

namespace Holdfast\Tests\Values;

use Holdfast\Tests\HoldfastTestCase;

/**
 * Issue 2: closures and resources are refused with an error that names the key, and the rest is saved.
 */
final class UnstorableTest extends HoldfastTestCase
{
    /** @dataProvider unstorable */
    public function testItIsRefusedWhereItIsSet(string $value): void
    {
        $this->passes(<<<PHP
            \$session = new Session();
            \$session->good = 1;
            foreach (['set', '__set', 'offsetSet'] as \$way) {
                try {
                    \$session->\$way('badkey', $value);
                    assert(false, "\$way took it");
                } catch (Holdfast\\Exception\\UnstorableValue \$refused) {
                    assert(str_contains(\$refused->getMessage(), 'badkey'), \$refused->getMessage());
                }
            }
            assert(\$session->getAll() === ['good' => 1]);
            PHP);
    }

    /** @return array<string, array{string}> */
    public static function unstorable(): array
    {
        return [
            'a closure' => ['static fn () => 1'],
            'a resource' => ['fopen("php://memory", "r")'],
        ];
    }

    /** @dataProvider deeplyUnstorable */
    public function testDeepInAValueSaveNamesTheKeyAndSavesTheRest(string $value): void
    {
        $written = $this->cli()->run(<<<PHP
            \$session = new Session();
            \$session->before = 1;
            \$session->badkey = 'previous';
            \$session->save();
            \$session->before = 2;
            \$session->badkey = $value;
            \$session->after = 3;
            try {
                \$session->save();
                assert(false, 'saved');
            } catch (Holdfast\\Exception\\UnstorableValue \$refused) {
                assert(str_contains(\$refused->getMessage(), 'badkey'), \$refused->getMessage());
            }
            // The end of the request must not complain about it again.
            \$session->badkey = 'previous';
            echo \$session->getId();
            PHP);
        self::assertSame('', $written->errors);
        $this->passes("\$session = new Session(['id' => '{$written->output}']);
            assert(\$session->getAll() === ['before' => 2, 'badkey' => 'previous', 'after' => 3]);");
    }

    /** @dataProvider deeplyUnstorable */
    public function testAtTheEndOfTheRequestAWarningNamesTheKeyAndTheRestIsSaved(string $value): void
    {
        $written = $this->cli()->run(<<<PHP
            \$session = new Session();
            \$session->before = 1;
            \$session->badkey = 'previous';
            \$session->save();
            echo \$session->getId();
            \$session->before = 2;
            \$session->badkey = $value;
            \$session->after = 3;
            PHP);
        self::assertStringContainsString('badkey', $written->errors);
        self::assertStringContainsString('Warning', $written->errors);
        $this->passes("\$session = new Session(['id' => '{$written->output}']);
            assert(\$session->getAll() === ['before' => 2, 'badkey' => 'previous', 'after' => 3]);");
    }

    /** @return array<string, array{string}> */
    public static function deeplyUnstorable(): array
    {
        return [
            'a closure in an array' => ['["deep" => ["in" => static fn () => 1]]'],
            'a closure in an object' => ['(object) ["f" => static fn () => 1]'],
            'a resource in an array' => ['["deep" => fopen("php://memory", "r")]'],
            'an object that refuses' => ['new class { function __serialize(): array { throw new Exception("no"); } }'],
        ];
    }
}
