<?php

declare(strict_types=1);

namespace Holdfast\Tests\Chromium;

use CurlHandle;
use Holdfast\Tests\Server\ServerProcess;
use Holdfast\Tests\TemporaryDirectory;
use RuntimeException;
use stdClass;

/**
 * chromedriver: it starts Chromium, as often as it is asked to, and speaks W3C WebDriver (https://www.w3.org/TR/webdriver2/).
 *
 * Every Chromium runs in its process group and with its temporary directory, so all of them end with the test.
 */
final class Driver
{
    /** How long a command may take, in seconds: starting a browser on a busy machine takes the longest. */
    private const PATIENCE = 60;

    private readonly ServerProcess $process;
    private readonly TemporaryDirectory $directory;
    private readonly CurlHandle $connection;
    private string $address = '';

    public function __construct()
    {
        $this->directory = new TemporaryDirectory();
        $this->process = new ServerProcess(
            [(string) self::found('chromedriver'), '--port=0'],
            // Profiles, caches and sockets are made here, and not in the home of who runs the tests.
            array_fill_keys(['HOME', 'TMPDIR', 'XDG_CACHE_HOME', 'XDG_CONFIG_HOME'], $this->directory->path),
            $this->directory->path . '/chromedriver.log'
        );
        $this->connection = curl_init();
        $this->process->waitUntil(fn (): bool => $this->findAddress(), 'chromedriver says that it has started');
    }

    /** What is missing here for a test in Chromium; null when nothing is. */
    public static function missing(): ?string
    {
        return match (null) {
            self::found('chromedriver') => 'there is no chromedriver',
            self::chromium() => 'there is no chromium',
            default => null,
        };
    }

    public static function chromium(): ?string
    {
        return self::found('chromium') ?? self::found('chromium-browser') ?? self::found('google-chrome');
    }

    /**
     * @param array<string, mixed> $parameters
     * @return mixed the value of the answer
     * @throws Failure when the command is refused.
     */
    public function command(string $method, string $path, array $parameters = []): mixed
    {
        $options = [
            CURLOPT_URL => $this->address . $path,
            CURLOPT_CUSTOMREQUEST => $method,
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_TIMEOUT => self::PATIENCE,
        ];
        if ($method === 'POST') {
            $options[CURLOPT_POSTFIELDS] = json_encode($parameters ?: new stdClass(), JSON_THROW_ON_ERROR);
            $options[CURLOPT_HTTPHEADER] = ['Content-Type: application/json; charset=utf-8'];
        }
        curl_reset($this->connection);
        curl_setopt_array($this->connection, $options);
        $body = curl_exec($this->connection);
        if (!is_string($body)) {
            throw new RuntimeException("chromedriver: $method $path: " . curl_error($this->connection) . "\n" . $this->log());
        }
        $answer = json_decode($body, true, 512, JSON_THROW_ON_ERROR);
        if (isset($answer['value']['error'])) {
            throw new Failure($answer['value']['error'], "$method $path: {$answer['value']['message']}");
        }
        return $answer['value'];
    }

    public function log(): string
    {
        return $this->process->log();
    }

    /** Ends chromedriver and every Chromium that is left. */
    public function stop(): void
    {
        $this->process->stop();
        $this->directory->remove();
    }

    /** The operating system chose the port; the greeting names it. */
    private function findAddress(): bool
    {
        if (preg_match('/was started successfully on port (\d+)\./', $this->log(), $found) !== 1) {
            return false;
        }
        $this->address = "http://127.0.0.1:{$found[1]}";
        return true;
    }

    private static function found(string $program): ?string
    {
        foreach (explode(PATH_SEPARATOR, (string) getenv('PATH')) as $directory) {
            if (is_executable("$directory/$program")) {
                return "$directory/$program";
            }
        }
        return null;
    }
}
