<?php

declare(strict_types=1);

namespace Holdfast\Tests\Bench;

use Holdfast\Bench\Options;
use Holdfast\Tests\TemporaryDirectory;
use Holdfast\Tests\Wait;
use PHPUnit\Framework\TestCase;
use RuntimeException;

/**
 * Issue 6: `make bench` in its smallest mode, without the peers that need a server or an extension. What it measures is
 * looked at by nobody here.
 */
final class HarnessTest extends TestCase
{
    private const ROOMS = 'session,class,calls,crowd,browsing,million,profile';

    private TemporaryDirectory $out;

    /** Of the harness: what it leaves behind is found here. */
    private TemporaryDirectory $temporary;

    /** @var resource|null */
    private $process = null;

    protected function setUp(): void
    {
        $this->out = new TemporaryDirectory();
        $this->temporary = new TemporaryDirectory();
    }

    protected function tearDown(): void
    {
        if ($this->process !== null) {
            proc_terminate($this->process);
            proc_close($this->process);
        }
        $this->out->remove();
        $this->temporary->remove();
    }

    public function testTheSmallestRunWritesAWholeReportAndLeavesNothingBehind(): void
    {
        $this->start('--smoke', '--peers=none', '--only=' . self::ROOMS);
        self::assertSame(0, $this->exitCode(), $this->said());
        self::assertStringContainsString('--> profile (7 of 7)', $this->said());

        $page = (string) file_get_contents($this->out->path . '/benchmarks.md');
        self::assertStringContainsString('Made by `make bench SMOKE=1 PEERS=none ONLY=' . self::ROOMS . '`', $page);
        self::assertStringContainsString('PHP ' . PHP_VERSION . ', Holdfast ', $page);
        $titles = [
            'What it should reach', 'Where Holdfast is behind', '`$_SESSION`', 'Class `Session`', 'Calls', 'Several processes',
            'A browsing pattern', 'Very many sessions', 'Where the time goes',
        ];
        foreach ($titles as $title) {
            self::assertStringContainsString("\n## $title\n", $page);
        }
        self::assertMatchesRegularExpression('~^\| \*\*Holdfast\*\* \| \*\*[\d .]+ µs\*\* \| ~mu', $page);
        self::assertMatchesRegularExpression('~^\| PHP files, in memory \(tmpfs\) \| [\d .]+ µs, [\d .]+×<br><sub>[\d .]+ to [\d .]+</sub> \| ~mu', $page);
        self::assertEveryTableIsWhole($page);

        $picture = simplexml_load_string((string) file_get_contents($this->out->path . '/benchmarks.svg'));
        self::assertNotFalse($picture);
        self::assertSame('One variable changed', (string) $picture->title);
        $this->assertNothingIsLeft();
    }

    public function testAnInterruptedRunEndsItsServersAndWritesNoReport(): void
    {
        $this->start('--smoke', '--peers=none', '--only=session', '--rounds=100000');
        Wait::until(fn (): bool => str_contains($this->said(), 'round 1 of'), 'the harness is at work', $this->said(...), 60.0);
        proc_terminate($this->process, SIGINT);
        self::assertSame(1, $this->exitCode(), $this->said());
        self::assertStringContainsString('interrupted; no report was written', $this->said());
        self::assertFileDoesNotExist($this->out->path . '/benchmarks.md');
        $this->assertNothingIsLeft();
    }

    /** @dataProvider badArguments */
    public function testAnUnknownArgumentIsNamed(string $argument, string $expected): void
    {
        $this->expectException(RuntimeException::class);
        $this->expectExceptionMessage($expected);
        Options::parse([$argument], '/nowhere');
    }

    /** @return array<string, array{string, string}> */
    public static function badArguments(): array
    {
        return [
            'an argument' => ['--fast', "Unknown argument '--fast'"],
            'a room' => ['--only=session,kitchen', "ONLY has no 'kitchen', but session,"],
            'a peer' => ['--peers=cookies', "PEERS has no 'cookies', but files,"],
            'no number' => ['--rounds=many', "ROUNDS is a whole number from 1, not 'many'"],
        ];
    }

    public function testOnlyAWholeRunIsKept(): void
    {
        self::assertNull(Options::parse([], '/scratch')->out);
        self::assertTrue(Options::parse([], '/scratch')->readme);
        foreach (['--quick', '--smoke', '--only=session', '--peers=none'] as $less) {
            self::assertSame('/scratch', Options::parse([$less], '/scratch')->out);
            self::assertFalse(Options::parse([$less], '/scratch')->readme);
        }
        self::assertTrue(Options::parse(['--only=parallel'], '/scratch')->readme);
        self::assertSame('/mine', Options::parse(['--quick', '--out=/mine'], '/scratch')->out);
    }

    private static function assertEveryTableIsWhole(string $page): void
    {
        $columns = null;
        $tables = 0;
        foreach (explode("\n", $page) as $line) {
            if (!str_starts_with($line, '|')) {
                $columns = null;
                continue;
            }
            $tables += (int) ($columns === null);
            $columns ??= substr_count($line, '|');
            self::assertSame($columns, substr_count($line, '|'), $line);
            self::assertStringNotContainsString('|  |', $line, 'a cell without a figure');
        }
        self::assertGreaterThan(10, $tables);
    }

    private function assertNothingIsLeft(): void
    {
        self::assertSame(['.', '..'], scandir($this->temporary->path));
    }

    private function start(string ...$arguments): void
    {
        $log = ['file', $this->out->path . '/log', 'a'];
        $this->process = proc_open(
            [PHP_BINARY, dirname(__DIR__, 3) . '/bench/run.php', "--out={$this->out->path}", ...$arguments],
            [['file', '/dev/null', 'r'], $log, $log],
            $pipes,
            null,
            ['TMPDIR' => $this->temporary->path] + getenv()
        ) ?: null;
        self::assertNotNull($this->process);
    }

    private function exitCode(): int
    {
        $code = -1;
        $hasEnded = function () use (&$code): bool {
            $status = proc_get_status($this->process);
            $code = $status['running'] ? -1 : $status['exitcode'];
            return !$status['running'];
        };
        Wait::until($hasEnded, 'the harness ends', $this->said(...), 120.0);
        return $code;
    }

    private function said(): string
    {
        return (string) @file_get_contents($this->out->path . '/log');
    }
}
