<?php

declare(strict_types=1);

namespace Holdfast\Tests\SaveHandler;

use Holdfast\Tests\Cli\PhpCli;
use Holdfast\Tests\Cli\Result;
use Holdfast\Tests\HoldfastTestCase;

/**
 * Tests of `$_SESSION` in command line scripts, which know their session by its id.
 */
abstract class HandlerCliTestCase extends HoldfastTestCase
{
    /** @param array<string, string|int> $settings */
    protected function cli(array $settings = []): PhpCli
    {
        return parent::cli($settings + [
            'session.save_handler' => 'holdfast',
            'session.serialize_handler' => 'holdfast',
            'session.use_cookies' => 0,
            'session.cache_limiter' => '',
        ]);
    }

    /**
     * Runs code in a new session, without a warning.
     *
     * @param array<string, string|int> $settings
     * @return string its id
     */
    protected function write(string $code, string $declarations = '', array $settings = []): string
    {
        $written = $this->writeWithWarnings($code, $declarations, $settings);
        self::assertSame('', $written->errors, "errors of:\n$code");
        return $this->idOf($written);
    }

    /** @param array<string, string|int> $settings */
    protected function writeWithWarnings(string $code, string $declarations = '', array $settings = []): Result
    {
        return $this->cli($settings)->run("$declarations\nsession_start();\n$code\n\$id = session_id(); echo \"id=\$id\";");
    }

    protected function idOf(Result $written): string
    {
        self::assertMatchesRegularExpression('/id=[A-Za-z0-9_-]{43}$/D', $written->output, (string) $written);
        return substr($written->output, -43);
    }

    /**
     * Runs code that asserts in the session of this id.
     *
     * @param array<string, string|int> $settings
     */
    protected function read(string $id, string $code, string $declarations = '', array $settings = []): Result
    {
        return $this->passes("$declarations\nsession_id('$id'); assert(session_start());\n$code", $settings);
    }
}
