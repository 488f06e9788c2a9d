<?php

declare(strict_types=1);

namespace Holdfast\Tests\Users\Databases;

use Holdfast\Tests\TemporaryDirectory;

/**
 * SQLite: a file for each database.
 */
final class Sqlite implements Database
{
    private int $files = 0;

    private function __construct(private readonly TemporaryDirectory $directory)
    {
    }

    public static function lacks(): ?string
    {
        return extension_loaded('pdo_sqlite') ? null : "PHP's extension pdo_sqlite";
    }

    public static function start(): self
    {
        return new self(new TemporaryDirectory());
    }

    public function fresh(): Connection
    {
        ++$this->files;
        return new Connection("sqlite:{$this->directory->path}/{$this->files}.sqlite", null, null, ['pdo_sqlite.so']);
    }

    public function stop(): void
    {
        $this->directory->remove();
    }
}
