<?php

declare(strict_types=1);

namespace Holdfast\Tests;

/** This directory. */
const TESTS = __DIR__;

spl_autoload_register(static function (string $class): void {
    $prefix = __NAMESPACE__ . '\\';
    if (str_starts_with($class, $prefix)) {
        $file = __DIR__ . '/' . strtr(substr($class, strlen($prefix)), '\\', '/') . '.php';
        if (is_file($file)) {
            require $file;
        }
    }
});

// Fails here, once, rather than in every test.
Extension::path();
