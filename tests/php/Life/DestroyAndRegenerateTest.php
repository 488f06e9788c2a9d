<?php

declare(strict_types=1);

namespace Holdfast\Tests\Life;

use Holdfast\Tests\HoldfastTestCase;

/**
 * Issue 2: destroy is final (S09), and regenerate kills the old id.
 */
final class DestroyAndRegenerateTest extends HoldfastTestCase
{
    public function testADestroyedSessionIsEmptyAndStaysGone(): void
    {
        $id = $this->roundTrip('$session->a = 1;', 'assert($session->a === 1); assert($session->destroy() === true);
            assert($session->getAll() === []); assert($session->getId() === "");');
        $this->passes("\$session = new Session(['id' => '$id']); assert(\$session->getAll() === []);");
    }

    public function testANewValueAfterDestroyStartsANewSession(): void
    {
        $id = $this->roundTrip('$session->a = 1;', '$old = $session->getId() ?: $session->init();
            $session->destroy();
            $session->b = 2;
            assert($session->getId() !== "" && $session->getId() !== $old);
            assert($session->getAll() === ["b" => 2]);');
        $this->passes("\$session = new Session(['id' => '$id']); assert(\$session->getAll() === []);");
    }

    /** S09: no request that began earlier brings the session back. */
    public function testASlowRequestDoesNotBringItBack(): void
    {
        $written = $this->cli()->run('$s = new Session(); $s->uid = 42; echo $s->getId();');
        $id = $written->output;
        $destroyer = $this->directory() . '/destroy.php';
        file_put_contents($destroyer, "<?php (new Session(['id' => '$id']))->destroy();");
        $command = implode(' ', array_map('escapeshellarg', [
            PHP_BINARY, ...\Holdfast\Tests\Extension::arguments(['holdfast.store' => $this->store()]), $destroyer,
        ]));
        $slow = $this->cli()->run(<<<PHP
            \$session = new Session(['id' => '$id']);
            assert(\$session->uid === 42);
            \$session->late = 1;
            passthru({$this->quote($command)});
            try {
                \$session->save();
                echo 'saved';
            } catch (Holdfast\\Exception\\InvalidState) {
                echo 'refused';
            }
            PHP);
        self::assertStringContainsString('refused', $slow->output, (string) $slow);
        $this->passes("\$session = new Session(['id' => '$id']); assert(\$session->getAll() === []);");
    }

    public function testRegenerateKeepsTheDataAndKillsTheOldId(): void
    {
        $old = $this->roundTrip('$session->a = 1;', '');
        $result = $this->cli()->run("\$session = new Session(['id' => '$old', 'rotation_grace' => 0]);
            assert(\$session->regenerate() === true);
            assert(\$session->getId() !== '$old');
            assert(\$session->a === 1);
            \$session->b = 2;
            echo \$session->getId();");
        self::assertSame('', $result->errors);
        self::assertMatchesRegularExpression(self::ID, $result->output);
        $this->passes("\$session = new Session(['id' => '$old']); assert(\$session->getAll() === []);");
        $this->passes("\$session = new Session(['id' => '{$result->output}']);
            assert(\$session->getAll() === ['a' => 1, 'b' => 2]);");
    }

    public function testTheOldIdIsDeadOnceRegenerateReturns(): void
    {
        $old = $this->roundTrip('$session->a = 1;', '');
        $reader = $this->directory() . '/reader.php';
        file_put_contents($reader, "<?php echo count(new Session(['id' => '$old']));");
        $command = implode(' ', array_map('escapeshellarg', [
            PHP_BINARY, ...\Holdfast\Tests\Extension::arguments(['holdfast.store' => $this->store()]), $reader,
        ]));
        $this->passes("\$session = new Session(['id' => '$old', 'rotation_grace' => 0]);
            \$session->regenerate();
            assert(shell_exec({$this->quote($command)}) === '0');");
    }

    public function testS07ForTheGraceTheOldIdLeadsToTheSession(): void
    {
        $old = $this->roundTrip('$session->a = 1;', '');
        $result = $this->cli()->run("\$session = new Session(['id' => '$old']);
            \$session->regenerate();
            echo \$session->getId();");
        $this->passes("\$session = new Session(['id' => '$old']);
            assert(\$session->a === 1);
            assert(\$session->getId() === '{$result->output}');
            \$session->late = 2;");
        $this->passes("\$session = new Session(['id' => '{$result->output}']);
            assert(\$session->getAll() === ['a' => 1, 'late' => 2]);");
    }

    public function testAnEndByTheOldIdEndsTheSession(): void
    {
        $old = $this->roundTrip('$session->a = 1;', '');
        $result = $this->cli()->run("\$session = new Session(['id' => '$old']);
            \$session->regenerate();
            echo \$session->getId();");
        $this->passes("(new Session(['id' => '$old']))->destroy();");
        $this->passes("\$session = new Session(['id' => '{$result->output}']); assert(\$session->getAll() === []);");
    }

    public function testRegeneratingAnEmptySessionOfNobody(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $session->regenerate();
            assert($session->getAll() === []);
            $session->a = 1;
            assert($session->a === 1);
            PHP);
    }

    private function quote(string $text): string
    {
        return var_export($text, true);
    }
}
