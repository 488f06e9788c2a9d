<?php

declare(strict_types=1);

namespace Holdfast\Tests\Api;

use Holdfast\Tests\Cli\PhpCli;
use Holdfast\Tests\HoldfastTestCase;

/**
 * docs/settings.md lists every setting, with its default and where it can be changed.
 */
final class SettingsTest extends HoldfastTestCase
{
    private const DOCUMENTATION = __DIR__ . '/../../../docs/settings.md';

    public function testTheDocumentationIsWhatTheExtensionHas(): void
    {
        $cache = getenv('HOLDFAST_WORKER_CACHE');
        putenv('HOLDFAST_WORKER_CACHE');
        $result = (new PhpCli($this->directory(), []))->run(
            'echo json_encode(ini_get_all("holdfast"), JSON_THROW_ON_ERROR);'
        );
        if ($cache !== false) {
            putenv("HOLDFAST_WORKER_CACHE=$cache");
        }
        self::assertSame('', $result->errors);
        /** @var array<string, array{global_value: string|null, access: int}> $settings */
        $settings = json_decode($result->output, true);
        $is = [];
        foreach ($settings as $name => $setting) {
            $is[$name] = [(string) $setting['global_value'], $setting['access']];
        }
        ksort($is);
        self::assertSame($this->documented(), $is);
    }

    public function testWhatTheOperatorDecidesCannotBeChangedByAScript(): void
    {
        $this->passes(<<<'PHP'
            assert(ini_set('holdfast.store', 'memory:') === false);
            assert(ini_set('holdfast.global_class', '0') === false);
            assert(ini_set('holdfast.auto_start', '1') === false);
            assert(ini_set('holdfast.worker_cache', '0') === false);
            assert(ini_set('holdfast.trusted_proxies', '0.0.0.0/0') === false);
            PHP);
    }

    public function testASettingHoldsFromTheMomentItIsSet(): void
    {
        $this->passes(<<<'PHP'
            (new Session())->set('n', 1);
            foreach ([1, 2] as $time) {
                assert(ini_set('holdfast.cookie_name', 'another') === 'holdfast');
                assert((new Session())->get('n') === null);
                ini_restore('holdfast.cookie_name');
                assert((new Session())->get('n') === 1);
            }
            // Code that runs while a setting is refused sees the one before, and so does what comes after it.
            set_error_handler(static function (): bool {
                assert((new Session())->get('n') === 1);
                return true;
            });
            assert(ini_set('holdfast.cookie_name', 'a b') === false);
            assert((new Session())->get('n') === 1);
            PHP);
    }

    /** @dataProvider badSettings */
    public function testABadSettingIsAnErrorThatNamesIt(string $setting, string $value, string $named): void
    {
        $result = $this->cli([$setting => $value])->run('$session = new Session(); $session->a = 1; $session->save();');
        self::assertStringContainsString($named, $result->errors);
    }

    /** @return array<string, array{string, string, string}> */
    public static function badSettings(): array
    {
        return [
            'an unknown scheme' => ['holdfast.store', 'mysql://localhost', 'mysql'],
            'an unknown parameter' => ['holdfast.store', 'memory:?colour=red', 'colour'],
            'a name that is none' => ['holdfast.cookie_name', 'a b', 'cookie_name'],
            'an unknown samesite' => ['holdfast.cookie_samesite', 'Loose', 'cookie_samesite'],
            'an unknown secure' => ['holdfast.cookie_secure', 'perhaps', 'cookie_secure'],
            'a network that is none' => ['holdfast.trusted_proxies', '10.0.0.1, 10.0.0.0/33', "'10.0.0.0/33'"],
            'a size that is none' => ['holdfast.worker_cache', '8 apples', 'worker_cache'],
            'a URL for a host' => ['holdfast.redirect_hosts', 'a.example, https://b.example', "'https://b.example'"],
        ];
    }

    public function testPhpinfoShowsTheStore(): void
    {
        $result = $this->passes('$session = new Session(); $session->a = 1; Session::current()->save(); phpinfo(INFO_MODULES);');
        self::assertMatchesRegularExpression('/^holdfast$/m', $result->output);
        self::assertStringContainsString($this->directory(), $result->output);
        self::assertMatchesRegularExpression('/^Records => 1$/m', $result->output);
    }

    /** S29: what is secret stays out of phpinfo. */
    public function testPhpinfoDoesNotShowTheId(): void
    {
        $result = $this->passes('$session = new Session(); $session->a = 1; phpinfo(INFO_MODULES); echo "\nid=", Session::current()->getId(), "\n";');
        preg_match('/id=(\S{43})\n/', $result->output, $found);
        self::assertSame(1, substr_count($result->output, $found[1]));
    }

    /** @return array<string, array{string, int}> default and access by name, as the tables say */
    private function documented(): array
    {
        $access = ['php.ini' => INI_SYSTEM, 'directory' => INI_PERDIR, 'anywhere' => INI_ALL];
        $documented = [];
        $columns = [];
        foreach (file(self::DOCUMENTATION, FILE_IGNORE_NEW_LINES) ?: [] as $line) {
            $cells = array_map('trim', explode('|', trim($line, '|')));
            if ($cells[0] === 'Setting') {
                $columns = array_flip($cells);
            } elseif (preg_match('/^`(holdfast\.\w+)`$/', $cells[0], $name) === 1) {
                preg_match('/^`([^`]*)`/', $cells[$columns['Default']], $default);
                $documented[$name[1]] = [$default[1] ?? '', $access[$cells[$columns['Where changeable']]]];
            }
        }
        ksort($documented);
        return $documented;
    }
}
