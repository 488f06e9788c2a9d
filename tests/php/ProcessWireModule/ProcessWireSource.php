<?php

declare(strict_types=1);

namespace Holdfast\Tests\ProcessWireModule;

use FilesystemIterator;
use RecursiveDirectoryIterator;
use RecursiveIteratorIterator;
use SplFileInfo;

use const Holdfast\Tests\TESTS;

/**
 * ProcessWire as it is downloaded: in the directory that the environment variable HOLDFAST_PROCESSWIRE names, or in
 * `processwire` beside the project. It is no part of the project.
 */
final class ProcessWireSource
{
    /** What is missing here; null when nothing is. */
    public static function lacks(): ?string
    {
        foreach (['ctype', 'dom', 'iconv', 'mbstring', 'mysqli'] as $extension) {
            if (!extension_loaded($extension)) {
                return "PHP's extension $extension";
            }
        }
        return is_file(self::path() . '/wire/core/ProcessWire.php')
            ? null
            : 'the source of ProcessWire in ' . self::path() . ' (another place: HOLDFAST_PROCESSWIRE)';
    }

    public static function path(): string
    {
        return rtrim(getenv('HOLDFAST_PROCESSWIRE') ?: dirname(TESTS, 3) . '/processwire', '/');
    }

    /** Puts a site that is not installed yet into an empty directory. The core, which no site may change, stays where it is. */
    public static function unpack(string $directory): void
    {
        symlink((string) realpath(self::path() . '/wire'), "$directory/wire");
        foreach (['index.php', 'install.php', 'htaccess.txt'] as $file) {
            copy(self::path() . "/$file", "$directory/$file");
        }
        self::copy(self::path() . '/site-blank', "$directory/site-blank");
    }

    /** Copies a directory with all that is in it. */
    public static function copy(string $from, string $to): void
    {
        mkdir($to);
        $inside = new RecursiveIteratorIterator(
            new RecursiveDirectoryIterator($from, FilesystemIterator::SKIP_DOTS),
            RecursiveIteratorIterator::SELF_FIRST
        );
        /** @var SplFileInfo $file */
        foreach ($inside as $file) {
            $copy = $to . substr($file->getPathname(), strlen($from));
            $file->isDir() ? mkdir($copy) : copy($file->getPathname(), $copy);
        }
    }
}
