<?php

declare(strict_types=1);

namespace Holdfast\Tests\Server;

use Holdfast\Tests\Extension;
use Holdfast\Tests\TemporaryDirectory;

/**
 * PHP's built-in server with 8 workers: they are forked from one process after the extension was loaded.
 */
final class BuiltInServer implements Site
{
    public const WORKERS = 8;

    private readonly ServerProcess $server;
    private readonly TemporaryDirectory $directory;
    private string $url = '';

    /**
     * @param array<string, string|int> $settings
     * @param string|null $router a script that gets every request first
     */
    public function __construct(
        array $settings,
        string $pages = self::PAGES,
        ?string $router = null,
        int $workers = self::WORKERS
    ) {
        $this->directory = new TemporaryDirectory();
        $this->server = new ServerProcess(
            [
                PHP_BINARY,
                ...Extension::arguments($settings),
                ...['-S', '127.0.0.1:0', '-t', $pages],
                ...($router === null ? [] : [$router]),
            ],
            ['PHP_CLI_SERVER_WORKERS' => (string) $workers],
            $this->directory->path . '/log'
        );
        $this->server->waitUntil(fn (): bool => $this->findUrl(), 'the built-in server says that it has started');
    }

    public function url(): string
    {
        return $this->url;
    }

    public function log(): string
    {
        return $this->server->log();
    }

    public function stop(): void
    {
        $this->server->stop();
        $this->directory->remove();
    }

    /** The operating system chose the port; the server's greeting names it. */
    private function findUrl(): bool
    {
        if (preg_match('~\((http://127\.0\.0\.1:\d+)\) started~', $this->server->log(), $found) !== 1) {
            return false;
        }
        $this->url = $found[1];
        return true;
    }
}
