<?php

declare(strict_types=1);

namespace Holdfast\Tests\Command;

use Holdfast\Tests\Extension;
use Holdfast\Tests\HoldfastTestCase;

/**
 * `holdfast doctor`, which asks a real PHP.
 */
final class DoctorTest extends HoldfastTestCase
{
    private const GOOD = [
        'session.save_handler' => 'holdfast',
        'session.serialize_handler' => 'holdfast',
        'session.cookie_secure' => 1,
        'session.cookie_httponly' => 1,
        'session.cookie_samesite' => 'Lax',
        'session.gc_probability' => 0,
    ];

    /**
     * A PHP with these settings, as one program.
     *
     * @param array<string, string|int> $settings
     */
    private function php(array $settings): string
    {
        $path = $this->directory() . '/php-' . bin2hex(random_bytes(4));
        $settings += ['holdfast.store' => $this->store()];
        $words = array_map('escapeshellarg', [PHP_BINARY, ...Extension::arguments($settings)]);
        file_put_contents($path, "#!/bin/sh\nexec " . implode(' ', $words) . " \"\$@\"\n");
        chmod($path, 0700);
        return $path;
    }

    /**
     * @param array<string, string|int> $settings
     * @return list<array<string, string>> the findings but for hints
     */
    private function findings(array $settings, int $code): array
    {
        [$exit, $output] = Operator::runs(['doctor', '--json', '--php', $this->php($settings)]);
        self::assertSame($code, $exit, $output);
        $findings = json_decode($output, true)['findings'];
        return array_values(array_filter($findings, static fn (array $finding): bool => $finding['severity'] !== 'may'));
    }

    public function testGoodSettingsOfARealPhpAreFoundGood(): void
    {
        self::assertSame([], $this->findings(self::GOOD, 0));
    }

    public function testPhpWithItsDefaultsIsToldWhatToWrite(): void
    {
        $findings = array_column($this->findings([], 0), 'write', 'setting');
        self::assertSame('session.save_handler = holdfast', $findings['session.save_handler']);
        self::assertSame('session.cookie_httponly = 1', $findings['session.cookie_httponly']);
        self::assertArrayHasKey('session.cookie_samesite', $findings);
    }

    public function testAPhpWithoutTheExtensionMustLoadIt(): void
    {
        [$exit, $output, $errors] = Operator::runs(['doctor', '--php', PHP_BINARY]);
        if (extension_loaded('holdfast')) {
            self::markTestSkipped('this PHP loads the extension by itself');
        }
        self::assertSame(1, $exit, $output);
        self::assertStringContainsString('must: extension', $output);
        self::assertSame("holdfast: 1 setting must be changed\n", $errors);
    }

    /** S29: PHP does not show a DSN that may hold a password, but says why it can't use the store. */
    public function testAStoreThatPhpCanNotUseMustBeMended(): void
    {
        $settings = ['holdfast.store' => 'redis://:hunter2@127.0.0.1:1?timeout=500ms'] + self::GOOD;
        $findings = $this->findings($settings, 1);
        self::assertCount(1, $findings, json_encode($findings) ?: '');
        self::assertSame(['must', 'holdfast.store'], [$findings[0]['severity'], $findings[0]['setting']]);
        self::assertStringContainsString('no connection to 127.0.0.1:1', $findings[0]['what']);
        self::assertStringNotContainsString('hunter2', json_encode($findings) ?: '');
    }
}
