<?php

declare(strict_types=1);

namespace Holdfast\Tests\ProcessWireModule;

use FilesystemIterator;
use Holdfast\Tests\Extension;
use PDO;
use RecursiveDirectoryIterator;
use RecursiveIteratorIterator;

/**
 * The module from the modules page and back again, and what it says where something is missing.
 */
final class InstallationTest extends ModuleTestCase
{
    private const SETTINGS = ProcessWireSite::BACK . 'module/edit?name=SessionHoldfast';

    protected function tearDown(): void
    {
        // A test may have left another PHP than the site should have.
        self::site()->serveWithHoldfast();
    }

    public function testTheModulesPageInstallsItAndUninstallLeavesNothing(): void
    {
        $admin = self::member();
        $admin->press(ProcessWireSite::BACK . 'module/', ['reset' => '1']);
        // ProcessWire installs this one by itself, sooner or later.
        self::site()->script("wire('modules')->get('FileValidatorZip');");
        $before = $this->traces();
        $admin = self::adminWithModule();
        $installed = $this->traces();
        self::assertContains('ProcessSessionHoldfast', $installed['modules']);
        self::assertContains('sessions', $installed['pages']);
        self::assertContains('sessions-end', $installed['pages']);
        self::assertStringContainsString('is logged in', $admin->page(ProcessWireSite::BACK . 'access/sessions/')->body);
        self::assertStringContainsString('Sessions are kept by Holdfast', $admin->page(self::SETTINGS)->body);
        self::assertMatchesRegularExpression('~shared://\S+ has [\d.]+ ?\w+ of [\d.]+ ?MB in use~', strip_tags($admin->page(self::SETTINGS)->body));

        // There is something to leave behind.
        self::site()->addPage('desk', (string) file_get_contents(__DIR__ . '/templates/desk.php'));
        self::site()->serveWithHoldfast(['holdfast.store' => 'shared:///nowhere/sessions']);
        self::visitor()->get('/');
        self::assertFileExists(self::site()->path('www/site/assets/logs/session-holdfast.txt'));
        self::site()->serveWithHoldfast();
        $admin = self::member();
        $admin->press(ProcessWireSite::BACK . 'module/edit?name=ProcessSessionHoldfast', ['uninstall' => 'ProcessSessionHoldfast', 'submit_save_module' => '1']);
        $admin->press(self::SETTINGS, ['uninstall' => 'SessionHoldfast', 'submit_save_module' => '1']);
        self::assertFalse(self::isInstalled());
        $after = $this->traces();
        // The page and its template are the test's.
        $after['pages'] = array_values(array_diff($after['pages'], ['desk']));
        foreach ($before as $what => $there) {
            self::assertSame([[], []], [array_values(array_diff($after[$what], $there)), array_values(array_diff($there, $after[$what]))], $what);
        }
        self::assertTrue($admin->isIn(), 'and sessions go on');
    }

    /** @dataProvider lacks */
    public function testItSaysWhatIsMissingAndWhatToDo(array $settings, string $said, bool $isError): void
    {
        self::adminWithModule();
        self::site()->serveWith($settings + ['session.save_path' => self::site()->path('')]);
        $admin = self::member();
        foreach ([ProcessWireSite::BACK . 'page/', self::SETTINGS] as $path) {
            self::assertStringContainsString($said, html_entity_decode($admin->page($path)->body), $path);
        }
        $sessions = html_entity_decode($admin->page(ProcessWireSite::BACK . 'access/sessions/')->body);
        self::assertSame($isError, str_contains($sessions, 'Sessions are not in Holdfast'));
        self::assertStringContainsString($said, $sessions);
        self::assertSame(200, self::visitor()->get('/')->status);
        self::site()->addUser('anna' . crc32($said));
        $anna = self::member('anna' . crc32($said));
        self::assertStringNotContainsString($said, html_entity_decode($anna->page(ProcessWireSite::BACK . 'profile/')->body), 'nothing for others');
    }

    /** @return array<string, array{array<string, mixed>, string, bool}> */
    public static function lacks(): array
    {
        $store = ['holdfast.store' => 'shared://' . sys_get_temp_dir() . '/holdfast-unused-' . getmypid()];
        $with = ['extension' => ProcessWireSite::extensionsWithHoldfast()];
        return [
            'the extension' => [[], 'PHP has not loaded the extension Holdfast: sessions are kept by “files”', true],
            'the save handler' => [$with + $store, 'Set “session.save_handler = holdfast” in', true],
        ];
    }

    public function testItSaysThatRequestsWaitWithAnotherSerializer(): void
    {
        self::adminWithModule();
        self::site()->serveWithHoldfast(['session.serialize_handler' => 'php', 'holdfast.store' => self::site()->store('other')]);
        $admin = self::member();
        $page = html_entity_decode($admin->page(ProcessWireSite::BACK . 'page/')->body);
        self::assertStringContainsString('“session.serialize_handler” is “php”', $page);
        self::assertStringContainsString('“session.serialize_handler” is “php”', html_entity_decode($admin->page(ProcessWireSite::BACK . 'access/sessions/')->body));
    }

    public function testItSaysThatItLooksInAnotherStore(): void
    {
        self::adminWithModule();
        self::site()->serveWithHoldfast(['session.save_path' => self::site()->store('elsewhere')]);
        $admin = self::member();
        self::assertTrue($admin->isIn());
        $page = html_entity_decode($admin->page(ProcessWireSite::BACK . 'access/sessions/')->body);
        self::assertStringContainsString('“session.save_path” names the store', $page);
    }

    public function testItSaysThatTheDatabaseKeepsSessions(): void
    {
        self::adminWithModule();
        self::site()->script("wire('modules')->install('SessionHandlerDB');");
        try {
            $admin = self::member();
            $page = html_entity_decode($admin->page(ProcessWireSite::BACK . 'page/')->body);
            self::assertStringContainsString('uninstall the module SessionHandlerDB', $page);
        } finally {
            self::site()->script("wire('modules')->uninstall('ProcessSessionDB'); wire('modules')->uninstall('SessionHandlerDB');");
        }
    }

    public function testAStoreThatCantBeOpenedIsSaidAtTheLoginAndWrittenDown(): void
    {
        self::adminWithModule();
        self::site()->serveWithHoldfast(['holdfast.store' => 'shared:///nowhere/sessions']);
        $visitor = self::visitor();
        self::assertSame(200, $visitor->get('/')->status, 'pages go on');
        $login = html_entity_decode($visitor->page(ProcessWireSite::BACK)->body);
        self::assertStringContainsString('Sessions can’t be opened, so nobody can log in', $login);
        self::assertStringContainsString('session-holdfast', $login);
        self::assertStringNotContainsString('/nowhere', $login, 'where it is, is nobody else\'s business');
        $log = (string) file_get_contents(self::site()->path('www/site/assets/logs/session-holdfast.txt'));
        self::assertStringContainsString('/nowhere', $log);
        $lines = count(file(self::site()->path('www/site/assets/logs/session-holdfast.txt')));
        $visitor->get('/');
        self::assertCount($lines, file(self::site()->path('www/site/assets/logs/session-holdfast.txt')), 'not a line for each request');

        self::site()->serveWithHoldfast();
        $page = html_entity_decode(self::member()->page(ProcessWireSite::BACK . 'page/')->body);
        self::assertStringContainsString('a session could not be opened or saved', $page);
        self::assertStringContainsString('/nowhere', $page);
    }

    public function testASessionThatCantBeSavedIsSaidInTheAdmin(): void
    {
        self::adminWithModule();
        self::site()->script("wire('cache')->deleteFor('SessionHoldfast');");
        if (!is_file(self::site()->path('www/site/templates/desk.php'))) {
            self::site()->addPage('desk', (string) file_get_contents(__DIR__ . '/templates/desk.php'));
        }
        self::assertSame(200, self::visitor()->get('/desk/?grow=40000000')->status);
        $page = html_entity_decode(self::member()->page(ProcessWireSite::BACK . 'page/')->body);
        self::assertStringContainsString('a session could not be opened or saved', $page);
    }

    /** @return array<string, list<string>> what a module may leave on a site */
    private function traces(): array
    {
        $column = static fn (string $sql): array => self::site()->pdo()->query($sql)->fetchAll(PDO::FETCH_COLUMN);
        $files = [];
        $inside = new RecursiveIteratorIterator(new RecursiveDirectoryIterator(self::site()->path('www/site'), FilesystemIterator::SKIP_DOTS));
        foreach ($inside as $file) {
            if (!str_contains($file->getPathname(), '/site/templates/desk.php')) {
                $files[] = substr($file->getPathname(), strlen(self::site()->path('www')));
            }
        }
        sort($files);
        return [
            'tables' => $column('SHOW TABLES'),
            'modules' => $column('SELECT class FROM modules ORDER BY class'),
            'pages' => $column("SELECT name FROM pages ORDER BY name"),
            'caches' => $column("SELECT name FROM caches WHERE name LIKE '%oldfast%' ORDER BY name"),
            'files' => $files,
        ];
    }
}
