<?php

declare(strict_types=1);

namespace Holdfast\Tests\Sapi;

use Holdfast\Tests\Extension;
use RuntimeException;

/**
 * The server of tests/sapi/worker.c, running one script.
 */
final class WorkerServer
{
    /** @var resource */
    private $process;

    /** @var array<int, resource> */
    private array $pipes = [];

    private string $errors;

    /**
     * @param string $directory where its files are kept
     * @param string $mode see tests/sapi/worker.c
     * @param array<string, string|int> $settings
     */
    public function __construct(string $directory, string $mode, string $script, array $settings)
    {
        $this->errors = "$directory/errors-$mode";
        $arguments = [];
        $cache = getenv('HOLDFAST_WORKER_CACHE');
        foreach ($settings + ($cache === false ? [] : ['holdfast.worker_cache' => $cache]) as $name => $value) {
            $arguments[] = "$name=$value";
        }
        $this->process = proc_open(
            [self::binary(), Extension::path(), $mode, $script, ...$arguments],
            [['pipe', 'r'], ['pipe', 'w'], ['file', $this->errors, 'w']],
            $this->pipes
        );
    }

    /** Why the server can't be had here; null: it can. */
    public static function obstacle(): ?string
    {
        return is_file(self::libraries() . '/libphp.so') ? null : 'libphp (Debian: libphp-embed) is not here';
    }

    /** @param string $agent the browser's name */
    public function ask(string $method, string $uri, string $cookies, string $agent = 'Browser'): Answer
    {
        fwrite($this->pipes[0], "$method\t$uri\t$cookies\t$agent\n");
        $length = fgets($this->pipes[1]);
        if ($length === false) {
            throw new RuntimeException('The server has ended: ' . file_get_contents($this->errors));
        }
        return new Answer((string) stream_get_contents($this->pipes[1], (int) $length));
    }

    /** Ends the server, and gives what it had to complain about. */
    public function stop(): string
    {
        fclose($this->pipes[0]);
        $rest = stream_get_contents($this->pipes[1]);
        fclose($this->pipes[1]);
        $status = proc_close($this->process);
        return file_get_contents($this->errors) . $rest . ($status === 0 ? '' : "\nexit code $status");
    }

    private static function libraries(): string
    {
        static $libraries = null;
        return $libraries ??= trim((string) shell_exec(self::phpConfig() . ' --prefix')) . '/lib';
    }

    private static function phpConfig(): string
    {
        return escapeshellarg(getenv('PHP_CONFIG') ?: 'php-config');
    }

    /** Built once for all tests of this process. */
    private static function binary(): string
    {
        static $binary = null;
        if ($binary === null) {
            $file = sys_get_temp_dir() . '/holdfast-worker-' . bin2hex(random_bytes(6));
            register_shutdown_function(static fn () => @unlink($file));
            $source = escapeshellarg(dirname(__DIR__, 2) . '/sapi/worker.c');
            $libraries = escapeshellarg(self::libraries());
            exec(
                'cc -std=gnu11 -O1 -g -Wall -o ' . escapeshellarg($file) . " $source $(" . self::phpConfig()
                    . " --includes) -L$libraries -Wl,-rpath,$libraries -lphp 2>&1",
                $said,
                $status
            );
            if ($status !== 0) {
                throw new RuntimeException("The server can't be built:\n" . implode("\n", $said));
            }
            $binary = $file;
        }
        return $binary;
    }
}
