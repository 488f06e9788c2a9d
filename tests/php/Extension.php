<?php

declare(strict_types=1);

namespace Holdfast\Tests;

use RuntimeException;

/**
 * The built extension, and how a PHP process is told to load it.
 */
final class Extension
{
    /**
     * The library that is tested: the one that the environment variable HOLDFAST_EXTENSION names, or `make build`'s.
     */
    public static function path(): string
    {
        $path = getenv('HOLDFAST_EXTENSION') ?: dirname(__DIR__, 2) . '/target/release/libholdfast.so';
        if (!is_file($path)) {
            throw new RuntimeException("There is no $path: run 'make build' first.");
        }
        return $path;
    }

    /**
     * What a PHP process loads to have Holdfast and these extensions beside it: those that are built into PHP come by
     * themselves.
     *
     * @return list<string> the values of the setting `extension`
     */
    public static function with(string ...$others): array
    {
        static $builtIn = null;
        if ($builtIn === null) {
            exec(escapeshellarg(PHP_BINARY) . ' -n -m', $builtIn);
        }
        return [self::path(), ...array_values(array_diff($others, $builtIn))];
    }

    /**
     * The arguments of a PHP binary: no php.ini, the extension, every error shown, and these settings. The environment
     * variable HOLDFAST_WORKER_CACHE gives every process that does not choose it another size of the worker cache: 0 runs
     * all tests without it (make test-uncached). HOLDFAST_PHP_SETTINGS has further settings, `name=value` with spaces between,
     * for every process that does not choose them itself (make matrix).
     *
     * @param array<string, string|int|list<string>> $settings a list gives a setting as often as it has values: other
     *   extensions than Holdfast, or none
     * @return list<string>
     */
    public static function arguments(array $settings): array
    {
        $cache = getenv('HOLDFAST_WORKER_CACHE');
        $all = $settings + ($cache === false ? [] : ['holdfast.worker_cache' => $cache]) + self::furtherSettings() + [
            'extension' => self::path(),
            'error_reporting' => -1,
            'display_errors' => 'stderr',
            'html_errors' => 0,
            'log_errors' => 0,
            'zend.assertions' => 1,
            'memory_limit' => '256M',
        ];
        $arguments = ['-n'];
        foreach ($all as $name => $value) {
            foreach (is_array($value) ? $value : [$value] as $single) {
                $quoted = is_int($single) ? $single : '"' . $single . '"';
                array_push($arguments, '-d', "$name=$quoted");
            }
        }
        return $arguments;
    }

    /** @return array<string, string> */
    private static function furtherSettings(): array
    {
        $settings = [];
        foreach (preg_split('/ /', (string) getenv('HOLDFAST_PHP_SETTINGS'), -1, PREG_SPLIT_NO_EMPTY) ?: [] as $setting) {
            [$name, $value] = explode('=', $setting, 2) + [1 => ''];
            $settings[$name] = $value;
        }
        return $settings;
    }
}
