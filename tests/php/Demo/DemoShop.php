<?php

declare(strict_types=1);

namespace Holdfast\Tests\Demo;

use Holdfast\Tests\Extension;
use Holdfast\Tests\Server\ServerProcess;
use Holdfast\Tests\Server\Site;
use Holdfast\Tests\TemporaryDirectory;

use const Holdfast\Tests\TESTS;

/**
 * The demo shop as `php/demo/serve` opens it, with the php.ini of this machine.
 */
final class DemoShop implements Site
{
    private readonly ServerProcess $server;
    private readonly TemporaryDirectory $directory;
    private string $url = '';

    public function __construct()
    {
        $this->directory = new TemporaryDirectory();
        $this->server = new ServerProcess(
            [dirname(TESTS, 2) . '/php/demo/serve'],
            [
                'PHP' => PHP_BINARY,
                'HOLDFAST_EXTENSION' => (string) realpath(Extension::path()),
                'PORT' => '0',
                'TMPDIR' => $this->directory->path,
            ],
            $this->directory->path . '/log'
        );
        $this->server->waitUntil(fn (): bool => $this->findUrl(), 'the shop says that it is open');
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

    private function findUrl(): bool
    {
        if (preg_match('~open at\s+(http://127\.0\.0\.1:\d+)/~', $this->server->log(), $found) !== 1) {
            return false;
        }
        $this->url = $found[1];
        return true;
    }
}
