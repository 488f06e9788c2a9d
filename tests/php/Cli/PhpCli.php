<?php

declare(strict_types=1);

namespace Holdfast\Tests\Cli;

use Holdfast\Tests\Extension;
use RuntimeException;

/**
 * PHP on the command line with the extension and nothing else: no php.ini, no other extension.
 */
final class PhpCli
{
    /** What runs longer hangs. Under valgrind everything takes thirty times as long. */
    private const MOST_SECONDS = 120;

    private const POLL_MICROSECONDS = 1000;

    /**
     * @param string $directory where scripts and their output are kept
     * @param array<string, string|int> $settings
     */
    public function __construct(private readonly string $directory, private readonly array $settings)
    {
    }

    /**
     * Runs PHP code. The process ends with ours, also when ours is killed.
     *
     * @param string $code without the opening tag
     * @param list<string> $arguments the script's $argv from 1 on
     */
    public function run(string $code, array $arguments = []): Result
    {
        $script = $this->directory . '/script-' . bin2hex(random_bytes(4)) . '.php';
        // One line, so that the line numbers of an error are those of the code.
        file_put_contents($script, '<?php ' . $code);
        return $this->runFile($script, $arguments);
    }

    /**
     * Runs the same code in several processes at once.
     *
     * @return list<Result>
     */
    public function runTogether(int $processes, string $code): array
    {
        $script = $this->directory . '/script-' . bin2hex(random_bytes(4)) . '.php';
        file_put_contents($script, '<?php ' . $code);
        $running = [];
        for ($number = 0; $number < $processes; ++$number) {
            $running[] = self::begin($this->command($script, []), $this->directory);
        }
        return array_map(static fn (array $process): Result => self::finish(...$process), $running);
    }

    /** @param list<string> $arguments */
    public function runFile(string $script, array $arguments = []): Result
    {
        return getenv('HOLDFAST_VALGRIND')
            ? $this->runUnderValgrind($script, $arguments)
            : self::execute($this->command($script, $arguments), $this->directory);
    }

    /**
     * Runs a script under valgrind, with PHP's own allocator out of the way. What valgrind finds is among the errors.
     * With HOLDFAST_VALGRIND in the environment every script is run so (make valgrind).
     *
     * @param list<string> $arguments
     */
    public function runUnderValgrind(string $script, array $arguments = []): Result
    {
        $valgrind = ['valgrind', '--quiet', '--leak-check=full', '--show-leak-kinds=definite', '--errors-for-leak-kinds=definite',
            '--num-callers=24'];
        return self::execute(
            [...$valgrind, ...$this->command($script, $arguments)],
            $this->directory,
            ['USE_ZEND_ALLOC' => '0', 'ZEND_DONT_UNLOAD_MODULES' => '1']
        );
    }

    /**
     * @param list<string> $arguments
     * @return list<string>
     */
    private function command(string $script, array $arguments): array
    {
        return [PHP_BINARY, ...Extension::arguments($this->settings), $script, ...$arguments];
    }

    /**
     * @param list<string> $command
     * @param array<string, string> $environment
     */
    private static function execute(array $command, string $directory, array $environment = []): Result
    {
        return self::finish(...self::begin($command, $directory, $environment));
    }

    /**
     * @param list<string> $command
     * @param array<string, string> $environment
     * @return array{resource, string, string} the process, and the files of its output and its errors
     */
    private static function begin(array $command, string $directory, array $environment = []): array
    {
        // Files rather than pipes: no order of reading can block a script that writes much.
        $output = tempnam($directory, 'out');
        $errors = tempnam($directory, 'err');
        $process = proc_open(
            ['setpriv', '--pdeathsig', 'KILL', '--', ...$command],
            [['file', '/dev/null', 'r'], ['file', $output, 'w'], ['file', $errors, 'w']],
            $pipes,
            null,
            $environment + getenv()
        );
        if ($process === false) {
            throw new RuntimeException('Cannot start ' . implode(' ', $command));
        }
        return [$process, $output, $errors];
    }

    /** @param resource $process */
    private static function finish($process, string $output, string $errors): Result
    {
        $deadline = microtime(true) + self::MOST_SECONDS;
        while (($status = proc_get_status($process))['running'] && microtime(true) < $deadline) {
            usleep(self::POLL_MICROSECONDS);
        }
        if ($status['running']) {
            proc_terminate($process, SIGKILL);
            file_put_contents($errors, 'Killed after ' . self::MOST_SECONDS . ' s.', FILE_APPEND);
        }
        proc_close($process);
        return new Result((string) file_get_contents($output), (string) file_get_contents($errors), $status['exitcode']);
    }
}
