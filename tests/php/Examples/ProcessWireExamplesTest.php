<?php

declare(strict_types=1);

namespace Holdfast\Tests\Examples;

use Holdfast\Tests\HoldfastTestCase;

/**
 * Issue 2: the usage examples of ProcessWire's documentation that concern variables run unchanged.
 */
final class ProcessWireExamplesTest extends HoldfastTestCase
{
    public function testTheyRun(): void
    {
        $result = $this->cli()->runFile(__DIR__ . '/processwire-variables.php');
        self::assertSame('', $result->errors);
        self::assertSame('reached the end', $result->output);
        self::assertSame(0, $result->exitCode);
    }

    /** `php -d extension=... -r '...'`, with no settings at all. */
    public function testTheyRunInOneLineWithDefaults(): void
    {
        $command = [PHP_BINARY, '-n', '-d', 'extension=' . \Holdfast\Tests\Extension::path(), '-r', <<<'PHP'
            $session = new Session();
            $cart = ['tea' => 2];
            // Set a session variable
            $session->set('cart', $cart);

            // Get a session variable
            $cart = $session->get('cart');

            // Remove a session variable
            $session->remove('cart');
            var_dump($cart['tea'], $session->get('cart'));
            $session->destroy();
            PHP];
        $directory = escapeshellarg($this->directory());
        exec("TMPDIR=$directory " . implode(' ', array_map('escapeshellarg', $command)) . ' 2>&1', $output, $exitCode);
        self::assertSame(['int(2)', 'NULL'], $output);
        self::assertSame(0, $exitCode);
    }
}
