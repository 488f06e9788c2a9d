<?php

declare(strict_types=1);

namespace Holdfast\Tests;

use FilesystemIterator;
use RecursiveDirectoryIterator;
use RecursiveIteratorIterator;
use SplFileInfo;

/**
 * A directory that goes away with its test.
 *
 * The path is short: the name of a unix socket in it has at most 107 bytes.
 */
final class TemporaryDirectory
{
    public readonly string $path;

    /** @param string|null $in where it is made; the system's temporary directory by default */
    public function __construct(?string $in = null)
    {
        $this->path = ($in ?? sys_get_temp_dir()) . '/holdfast-test-' . bin2hex(random_bytes(6));
        mkdir($this->path, 0700);
    }

    public function remove(): void
    {
        if (!is_dir($this->path)) {
            return;
        }
        Diagnoses::collect($this->path);
        $inside = new RecursiveIteratorIterator(
            new RecursiveDirectoryIterator($this->path, FilesystemIterator::SKIP_DOTS),
            RecursiveIteratorIterator::CHILD_FIRST
        );
        /** @var SplFileInfo $file */
        foreach ($inside as $file) {
            $file->isDir() && !$file->isLink() ? rmdir($file->getPathname()) : unlink($file->getPathname());
        }
        rmdir($this->path);
    }
}
