<?php

declare(strict_types=1);

namespace Holdfast\Tests\Lockouts;

use Holdfast\Tests\Extension;
use Holdfast\Tests\HoldfastTestCase;
use Holdfast\Tests\MemoryLimit;

/**
 * S37: what becomes of an attempt that nobody said anything about, by the way in which its script has ended.
 */
final class EndOfScriptTest extends HoldfastTestCase
{
    private const ASKS = '$session = new Session(); assert($session->check_password_lockout("anna") === false); ';

    /** @return array<string, array{string, int}> */
    public static function ends(): array
    {
        return [
            'its end' => ['', 0],
            'exit' => ['exit(0);', 0],
            'a closed session' => ['$session->close();', 0],
            'an exception that was caught' => ['try { throw new Exception(); } catch (Exception) {}', 0],
            'an exception that was not' => ['throw new Exception("on the way");', 1],
            'a fatal error' => ['function f() { g(); } function g() { eval("class A extends B {}"); } f();', 1],
            'no memory' => ['ini_set("memory_limit", "8M"); str_repeat("x", 1 << 26);', 1],
            'no time' => ['set_time_limit(1); for (;;) {}', 1],
            'a kill' => ['posix_kill(getmypid(), SIGKILL);', 1],
        ];
    }

    /** @dataProvider ends */
    public function testAnAttemptIsNoFailureOnlyWhereTheScriptHasComeToItsEnd(string $end, int $failures): void
    {
        if (str_contains($end, 'memory_limit')) {
            MemoryLimit::isNeeded();
        }
        $this->cli()->run(self::ASKS . $end);
        self::assertSame($failures, $this->failures());
    }

    public function testS37AnAttemptOfAVisitorWhoHasGoneIsAFailure(): void
    {
        $script = $this->directory() . '/asks.php';
        file_put_contents($script, '<?php ' . self::ASKS . 'for (;;) { echo str_repeat("x", 65536); flush(); }');
        $php = [PHP_BINARY, ...Extension::arguments(['holdfast.store' => $this->store()]), $script];
        exec(implode(' ', array_map('escapeshellarg', $php)) . ' 2>&1 | head -c 1', $output);
        self::assertSame(['x'], $output);
        self::assertSame(1, $this->failures());
    }

    private function failures(): int
    {
        $said = $this->cli()->run('echo json_encode((new Session())->loginAttempts("anna"));');
        self::assertSame('', $said->errors);
        $counted = json_decode($said->output, true);
        self::assertSame(1, $counted['attempts'], 'the script has asked');
        return $counted['failures'];
    }
}
