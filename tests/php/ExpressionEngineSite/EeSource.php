<?php

declare(strict_types=1);

namespace Holdfast\Tests\ExpressionEngineSite;

use RuntimeException;

use const Holdfast\Tests\TESTS;

/**
 * ExpressionEngine 7 as it is downloaded, or its git repository (bare or not): in the directory that the environment variable
 * HOLDFAST_EXPRESSIONENGINE names, or in `ExpressionEngine` beside the project. It is no part of the project.
 */
final class EeSource
{
    /** What a site needs of it, and what of the repository is only for building it. */
    private const PARTS = ['system', 'themes', 'index.php', 'admin.php'];
    private const FOR_BUILDING = ['themes/ee/asset/javascript/src'];

    /** What is missing here; null when nothing is. */
    public static function lacks(): ?string
    {
        // With PHP 8.4 its installer shows what of its own code is deprecated there, and does not end.
        if (PHP_VERSION_ID >= 80400) {
            return 'an ExpressionEngine that is installed with PHP ' . PHP_MAJOR_VERSION . '.' . PHP_MINOR_VERSION;
        }
        return self::isDownload() || self::isRepository()
            ? LibrariesOfEe::lacks()
            : 'the source of ExpressionEngine in ' . self::path() . ' (another place: HOLDFAST_EXPRESSIONENGINE)';
    }

    /** Puts a site that is not installed yet into an empty directory. */
    public static function unpack(string $directory): void
    {
        $from = escapeshellarg(self::path());
        $into = escapeshellarg($directory);
        $parts = implode(' ', self::PARTS);
        $without = static fn (string $form): string => implode(' ', array_map(
            static fn (string $path): string => escapeshellarg(sprintf($form, $path)),
            self::FOR_BUILDING
        ));
        self::run(
            self::isDownload()
                ? "tar -C $from {$without('--exclude=%s')} -cf - $parts | tar -C $into -xf -"
                : "git -C $from archive HEAD -- $parts {$without(':(exclude)%s')} | tar -C $into -xf -"
        );
        if (!is_file("$directory/system/ee/vendor-build/autoload.php")) {
            LibrariesOfEe::put("$directory/system/ee/vendor-build");
        }
        touch("$directory/system/user/config/config.php");
    }

    private static function path(): string
    {
        return rtrim(getenv('HOLDFAST_EXPRESSIONENGINE') ?: dirname(TESTS, 3) . '/ExpressionEngine', '/');
    }

    private static function isDownload(): bool
    {
        return is_file(self::path() . '/system/ee/ExpressionEngine/Boot/boot.php');
    }

    private static function isRepository(): bool
    {
        return is_file(self::path() . '/HEAD') && is_dir(self::path() . '/objects');
    }

    private static function run(string $command): void
    {
        exec('bash -o pipefail -c ' . escapeshellarg($command) . ' 2>&1', $output, $status);
        if ($status !== 0) {
            throw new RuntimeException("$command failed:\n" . implode("\n", $output));
        }
    }
}
