<?php

declare(strict_types=1);

namespace Holdfast\Tests\Api;

use Holdfast\Tests\HoldfastTestCase;

/**
 * Issue 2: the stubs are the public API. What stands in them is what the extension has, and nothing else is.
 */
final class StubsTest extends HoldfastTestCase
{
    private const STUBS = __DIR__ . '/../../../stubs/holdfast.stub.php';

    public function testTheExtensionIsWhatTheStubsSay(): void
    {
        $built = $this->cli()->runFile(__DIR__ . '/describe.php');
        self::assertSame('', $built->errors);
        // The stubs declare the very names of the extension, so they are read where it is not loaded.
        exec(implode(' ', array_map('escapeshellarg', [PHP_BINARY, '-n', __DIR__ . '/describe.php', self::STUBS])), $lines);
        $said = json_decode(implode("\n", $lines), true);
        $is = json_decode($built->output, true);
        self::assertIsArray($said);
        self::assertIsArray($is);

        self::assertSame(array_keys($said['classes']), array_keys($is['classes']), 'classes and interfaces');
        foreach ($said['classes'] as $name => $class) {
            self::assertSame(array_keys($class['methods']), array_keys($is['classes'][$name]['methods']), "methods of $name");
            foreach ($class['methods'] as $method => $description) {
                self::assertSame($description, $is['classes'][$name]['methods'][$method], "$name::$method");
            }
            self::assertSame($class, $is['classes'][$name], $name);
        }
        self::assertSame($said['functions'], $is['functions'], 'functions');
        self::assertSame($said['constants'], $is['constants'], 'constants');
    }

    public function testTheGlobalNameIsTheSameClass(): void
    {
        $this->passes('assert((new ReflectionClass("Session"))->getName() === "Holdfast\Session");');
    }

    public function testTheGlobalNameCanBeLeftToTheApplication(): void
    {
        $this->passes(<<<'PHP'
            class Session { public string $mine = 'yes'; }
            assert((new Session())->mine === 'yes');
            $session = new Holdfast\Session();
            $session->a = 1;
            assert($session->get('a') === 1);
            PHP, ['holdfast.global_class' => 0]);
    }
}
