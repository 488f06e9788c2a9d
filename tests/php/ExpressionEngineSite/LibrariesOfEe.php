<?php

declare(strict_types=1);

namespace Holdfast\Tests\ExpressionEngineSite;

use FilesystemIterator;
use RecursiveDirectoryIterator;
use RecursiveIteratorIterator;
use SplFileInfo;

/**
 * What ExpressionEngine's build puts into a release beside its own source, and its repository has not: other people's
 * libraries, in a namespace of ExpressionEngine's. Debian's packages have two of them; of what else a site asks for when it is
 * installed and served, `libraries` has as much as that.
 */
final class LibrariesOfEe
{
    private const PREFIX = 'ExpressionEngine\\Dependency\\';

    /** What Debian has, by namespace. */
    private const PACKAGED = ['League\\Flysystem' => 'php-league-flysystem', 'League\\MimeTypeDetection' => 'php-league-mime-type-detection'];

    private const WHERE = '/usr/share/php/';

    /** What is missing here; null when nothing is. */
    public static function lacks(): ?string
    {
        foreach (self::PACKAGED as $namespace => $package) {
            if (!is_dir(self::directoryOf($namespace))) {
                return "the library $package";
            }
        }
        return is_file(ini_get('extension_dir') . '/zip.so') || \extension_loaded('zip') ? null : "PHP's extension zip";
    }

    /** Makes the directory. */
    public static function put(string $directory): void
    {
        mkdir($directory);
        foreach (array_keys(self::PACKAGED) as $namespace) {
            self::copy(self::directoryOf($namespace), "$directory/" . strtr($namespace, '\\', '/'));
        }
        self::copy(__DIR__ . '/libraries', $directory);
        $prefix = var_export(self::PREFIX, true);
        file_put_contents("$directory/autoload.php", <<<PHP
            <?php spl_autoload_register(static function (string \$class): void {
                if (str_starts_with(\$class, $prefix)) {
                    \$file = __DIR__ . '/' . strtr(substr(\$class, strlen($prefix)), '\\\\', '/') . '.php';
                    is_file(\$file) && require \$file;
                }
            });
            PHP);
    }

    private static function directoryOf(string $namespace): string
    {
        return self::WHERE . strtr($namespace, '\\', '/');
    }

    /** Copies PHP files, with the names of these libraries under the prefix. */
    private static function copy(string $from, string $to): void
    {
        $names = implode('|', array_map('preg_quote', array_keys(self::PACKAGED)));
        $inside = new RecursiveIteratorIterator(new RecursiveDirectoryIterator($from, FilesystemIterator::SKIP_DOTS));
        /** @var SplFileInfo $file */
        foreach ($inside as $file) {
            $copy = $to . substr($file->getPathname(), strlen($from));
            is_dir(dirname($copy)) || mkdir(dirname($copy), 0755, true);
            $prefixed = preg_replace("/(?<![\\w\\\\])(\\\\?)($names)/", '$1' . addslashes(self::PREFIX) . '$2', (string) file_get_contents($file->getPathname()));
            file_put_contents($copy, $prefixed);
        }
    }
}
