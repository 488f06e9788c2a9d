<?php

declare(strict_types=1);

namespace Holdfast\Tests\ProcessWireModule;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\Response;
use Holdfast\Tests\Extension;
use Holdfast\Tests\Server\FpmBehindNginx;
use Holdfast\Tests\Server\Site;
use Holdfast\Tests\TemporaryDirectory;
use Holdfast\Tests\Users\Databases\Connection;
use PDO;
use RuntimeException;

use const Holdfast\Tests\TESTS;

/**
 * A site of ProcessWire, installed by its own installer over HTTP, behind php-fpm and nginx.
 */
final class ProcessWireSite implements Site
{
    public const ADMIN = 'admin';
    public const PASSWORD = 'correct horse battery';

    /** The admin's path. */
    public const BACK = '/back/';

    private readonly TemporaryDirectory $directory;
    private FpmBehindNginx $server;

    /**
     * @param array<string, string|int> $settings of PHP, beside what php.ini has on a site with Holdfast
     */
    public function __construct(private readonly Connection $database, private array $settings = [])
    {
        $this->directory = new TemporaryDirectory();
        mkdir($this->path('www'));
        ProcessWireSource::unpack($this->path('www'));
        $this->server = $this->serve($this->settingsWithHoldfast());
        $this->install();
    }

    public function url(): string
    {
        return $this->server->url();
    }

    public function log(): string
    {
        $logs = $this->server->log();
        foreach (glob($this->path('www/site/assets/logs/*.txt')) ?: [] as $file) {
            $logs .= '--- ' . basename($file) . "\n" . file_get_contents($file);
        }
        return $logs;
    }

    public function stop(): void
    {
        $this->server->stop();
        $this->directory->remove();
    }

    /** Serves the site by another php-fpm, whose PHP has these settings and nothing of Holdfast that is not among them. */
    public function serveWith(array $settings): void
    {
        $this->server->stop();
        $this->server = $this->serve($settings + self::basics());
    }

    /** Serves the site as a site with Holdfast is served, with these settings beside it. */
    public function serveWithHoldfast(array $settings = []): void
    {
        $this->serveWith($settings + $this->settingsWithHoldfast());
    }

    /** The DSN of a store of the site's. */
    public function store(string $name): string
    {
        return "shared://{$this->directory->path}/$name?size=32M";
    }

    /** @return list<string> what the site's PHP loads */
    public static function extensionsWithHoldfast(): array
    {
        return Extension::with(...self::extensions());
    }

    /** A file's path on the site. */
    public function path(string $name): string
    {
        return $this->directory->path . '/' . $name;
    }

    public function pdo(): PDO
    {
        return $this->database->pdo();
    }

    /** Brings the modules, as somebody who unpacks them into site/modules. */
    public function bringModule(): void
    {
        ProcessWireSource::copy(dirname(TESTS, 2) . '/php/processwire', $this->path('www/site/modules/SessionHoldfast'));
    }

    /** Gives pages with this template a file, and makes one below the home page. */
    public function addPage(string $name, string $template): void
    {
        file_put_contents($this->path("www/site/templates/$name.php"), $template);
        $this->script(<<<PHP
            \$template = new Template();
            \$template->name = '$name';
            \$group = new Fieldgroup();
            \$group->name = '$name';
            \$group->add('title');
            \$group->save();
            \$template->fieldgroup = \$group;
            \$template->noPrependTemplateFile = 1;
            \$template->noAppendTemplateFile = 1;
            \$template->allowPageNum = 1;
            \$template->save();
            \$page = new Page();
            \$page->template = '$name';
            \$page->parent = '/';
            \$page->name = '$name';
            \$page->title = '$name';
            \$page->save();
            PHP);
    }

    /** Makes a user with this role. */
    public function addUser(string $name, string $role = 'guest'): void
    {
        $password = self::PASSWORD;
        $this->script(<<<PHP
            \$user = wire('users')->add('$name');
            \$user->of(false);
            \$user->pass = '$password';
            \$user->addRole('$role');
            \$user->save();
            PHP);
    }

    /** ProcessWire slows logins down of who has failed, or comes often. */
    public function forgetLoginAttempts(): void
    {
        $this->pdo()->exec('DELETE FROM session_login_throttle');
    }

    /** Runs PHP code with ProcessWire's API, on the command line; what it printed. */
    public function script(string $code): string
    {
        $file = $this->path('script.php');
        file_put_contents($file, "<?php namespace ProcessWire;\n\$_SERVER['HTTP_HOST'] = ''; require '{$this->path('www/index.php')}';\n$code\n");
        $arguments = Extension::arguments(['display_errors' => 1] + $this->settingsWithHoldfast());
        $line = implode(' ', array_map('escapeshellarg', [PHP_BINARY, ...$arguments, $file]));
        exec("$line 2>&1", $output, $status);
        if ($status !== 0) {
            throw new RuntimeException("The script failed:\n$code\n" . implode("\n", $output));
        }
        return implode("\n", $output);
    }

    /** @return array<string, mixed> */
    private function settingsWithHoldfast(): array
    {
        return $this->settings + [
            'extension' => self::extensionsWithHoldfast(),
            'session.save_handler' => 'holdfast',
            'session.serialize_handler' => 'holdfast',
            'holdfast.store' => $this->store('sessions'),
        ] + self::basics();
    }

    /** @return array<string, mixed> what any PHP has that serves ProcessWire */
    private static function basics(): array
    {
        $settings = [
            'extension' => array_slice(self::extensionsWithHoldfast(), 1),
            'session.use_strict_mode' => 0,
            'error_reporting' => E_ALL & ~E_DEPRECATED,
        ];
        if (is_file(ini_get('extension_dir') . '/opcache.so')) {
            $settings += ['zend_extension' => 'opcache', 'opcache.enable' => 1, 'opcache.revalidate_freq' => 0];
        }
        return $settings;
    }

    /** @return list<string> */
    private static function extensions(): array
    {
        $wanted = ['pdo', 'mysqlnd', 'pdo_mysql', 'mysqli', 'ctype', 'dom', 'fileinfo', 'iconv', 'mbstring', 'tokenizer', 'simplexml', 'posix'];
        return array_values(array_filter(
            array_map(static fn (string $name): string => "$name.so", $wanted),
            static fn (string $file): bool => is_file(ini_get('extension_dir') . "/$file")
        ));
    }

    /** @param array<string, mixed> $settings */
    private function serve(array $settings): FpmBehindNginx
    {
        return new FpmBehindNginx($settings, $this->path('www'), frontController: '/index.php?it=$uri&$args');
    }

    /** Goes through the installer's pages. */
    private function install(): void
    {
        $admin = new Browser($this->url());
        $step = function (array $fields, string $expected) use ($admin): void {
            $answer = $admin->post('/install.php', $fields);
            if (!$answer->isAcknowledged() || !str_contains($answer->body, $expected)) {
                throw new RuntimeException("The installer did not say \"$expected\".\n$answer\n" . $this->log());
            }
        };
        parse_str(strtr(substr($this->database->dsn, strlen('mysql:')), ';', '&'), $dsn);
        $step(['step' => '0', 'profile' => 'site-blank'], 'Compatibility Check');
        $step([
            'step' => '4', 'dbCon' => 'Socket', 'dbSocket' => $dsn['unix_socket'], 'dbName' => $dsn['dbname'],
            'dbUser' => (string) $this->database->user, 'dbPass' => (string) $this->database->password,
            'dbHost' => 'localhost', 'dbPort' => '3306', 'dbEngine' => 'InnoDB', 'dbCharset' => 'utf8mb4',
            'chmodDir' => '755', 'chmodFile' => '644', 'timezone' => (string) array_search('UTC', timezone_identifiers_list(), true),
            'httpHosts' => '127.0.0.1', 'debugMode' => '0', 'themeName' => 'default',
        ], 'Admin Account');
        $step([
            'step' => '5', 'admin_name' => trim(self::BACK, '/'), 'username' => self::ADMIN, 'userpass' => self::PASSWORD,
            'userpass_confirm' => self::PASSWORD, 'useremail' => 'admin@example.org', 'remove_items' => 'install-php',
        ], 'Get Started');
        file_put_contents($this->path('www/site/config.php'), "\n\$config->sessionName = 'wire';\n\$config->httpHosts = [];\n", FILE_APPEND);
    }
}
