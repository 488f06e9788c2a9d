<?php

declare(strict_types=1);

namespace Holdfast\Tests\ExpressionEngineSite;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Extension;
use Holdfast\Tests\Server\FpmBehindNginx;
use Holdfast\Tests\Server\Site;
use Holdfast\Tests\TemporaryDirectory;
use Holdfast\Tests\Users\Databases\Connection;
use PDO;
use RuntimeException;

use const Holdfast\Tests\TESTS;

/**
 * A site of ExpressionEngine, installed by its own installer over HTTP, behind php-fpm and nginx.
 */
final class EeSite implements Site
{
    public const ADMIN = 'admin';
    public const PASSWORD = 'Correct-Horse-7-Battery';

    /** How a test knows pages that say nothing of who is there. */
    public const GUEST = '0';

    private readonly TemporaryDirectory $directory;
    private FpmBehindNginx $server;
    private int $members = 0;

    public function __construct(private readonly Connection $database)
    {
        $this->directory = new TemporaryDirectory();
        mkdir($this->path('www'));
        EeSource::unpack($this->path('www'));
        $this->server = $this->serve($this->settings());
        $this->install();
    }

    /** A site with the add-on, with one that says what its session takes, and with the templates of the tests. */
    public static function prepared(Connection $database): self
    {
        $site = new self($database);
        $site->bring(\dirname(TESTS, 2) . '/php/expressionengine', 'holdfast');
        $site->eecms('addons:install', '--addon=holdfast');
        $site->eecms('addons:install', '--addon=probe');
        $site->addTemplate('who', 'Hello {logged_in_screen_name}, {if logged_in}member <a href="{path=\'logout\'}">out</a>{if:else}guest{/if}');
        $site->addTemplate('run', "<?php include '{$site->path('in-page.php')}'; ?>[end]");
        $site->addTemplate('everything', (string) file_get_contents(__DIR__ . '/templates/everything.html'));
        return $site;
    }

    public function url(): string
    {
        return $this->server->url();
    }

    public function log(): string
    {
        return $this->server->log();
    }

    public function stop(): void
    {
        $this->server->stop();
        $this->directory->remove();
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

    /** Serves the site by a PHP without Holdfast. */
    public function serveWithoutHoldfast(): void
    {
        $settings = $this->settings();
        unset($settings['holdfast.store']);
        $this->serveAnew(['extension' => array_slice($settings['extension'], 1)] + $settings);
    }

    /** Serves the site by a PHP with Holdfast, with another, empty store. */
    public function serveWithEmptyStore(): void
    {
        $this->serveWithStore("shared://{$this->directory->path}/sessions-" . bin2hex(random_bytes(4)) . '?size=16M');
    }

    /** Serves the site by a PHP with Holdfast, with another store. */
    public function serveWithStore(string $store): void
    {
        $this->serveAnew(['holdfast.store' => $store] + $this->settings());
    }

    /** Serves the site as in the beginning. */
    public function serveAsBefore(): void
    {
        $this->serveAnew($this->settings());
    }

    /** @param array<string, mixed> $settings */
    private function serveAnew(array $settings): void
    {
        $this->server->stop();
        $this->server = $this->serve($settings);
    }

    /** @param array<string, mixed> $settings */
    private function serve(array $settings): FpmBehindNginx
    {
        return new FpmBehindNginx($settings, $this->path('www'));
    }

    /**
     * Makes a member.
     *
     * @param int $role ExpressionEngine's: 1 super admins, 5 members
     * @return array{id: int, name: string}
     */
    public function addMember(int $role = 5): array
    {
        $name = 'member' . ++$this->members;
        $id = $this->script(sprintf(<<<'PHP'
            ee()->load->library('auth');
            $member = ee('Model')->make('Member', [
                'username' => %1$s, 'screen_name' => %1$s . ' B.', 'email' => %1$s . '@example.org', 'role_id' => %2$d,
                'language' => 'english', 'ip_address' => '127.0.0.1', 'join_date' => 1700000000,
            ]);
            $member->set(ee()->auth->hash_password(%3$s));
            $member->save();
            echo 'id=', $member->member_id;
            PHP, var_export($name, true), $role, var_export(self::PASSWORD, true)));
        return ['id' => (int) preg_replace('/.*id=/s', '', $id), 'name' => $name];
    }

    /** Where an action of an add-on is. */
    public function action(string $class, string $method): string
    {
        $query = $this->pdo()->prepare('SELECT action_id FROM exp_actions WHERE class = ? AND method = ?');
        $query->execute([$class, $method]);
        return '/index.php?ACT=' . $query->fetchColumn();
    }

    /** Goes through the installer. */
    private function install(): void
    {
        $answer = (new Browser($this->url()))->post('/admin.php?C=wizard&M=do_install', [
            'db_hostname' => 'localhost', 'db_name' => $this->databaseName(), 'db_prefix' => 'exp',
            'db_username' => (string) $this->database->user, 'db_password' => (string) $this->database->password,
            'username' => self::ADMIN, 'password' => self::PASSWORD, 'email_address' => 'admin@example.org',
            'license_agreement' => 'y', 'utf8mb4_supported' => 'y',
        ]);
        if (!str_contains(implode("\n", $answer->header('Location')), 'cp/login')) {
            throw new RuntimeException("The installer did not end with the login.\n$answer\n" . $this->log());
        }
        // Pages say nothing of what PHP says while it makes them, and templates may have code.
        $this->configure(['debug' => '0', 'allow_php' => 'y', 'enable_devlog_alerts' => 'n']);
        $this->bring(__DIR__ . '/probe', 'probe');
    }

    /**
     * Sets items of ExpressionEngine's configuration, in its file.
     *
     * @param array<string, string|int> $items
     */
    public function configure(array $items): void
    {
        $lines = '';
        foreach ($items as $name => $value) {
            $lines .= sprintf("\n\$config[%s] = %s;", var_export($name, true), var_export($value, true));
        }
        file_put_contents($this->path('www/system/user/config/config.php'), $lines . "\n", FILE_APPEND);
    }

    /** Brings an add-on, as somebody who unpacks it into system/user/addons. It is not installed by that. */
    public function bring(string $directory, string $name): void
    {
        symlink((string) realpath($directory), $this->path("www/system/user/addons/$name"));
    }

    /** Runs `eecms` with these arguments; what it printed. */
    public function eecms(string ...$arguments): string
    {
        $command = [PHP_BINARY, ...Extension::arguments(['display_errors' => 'stderr'] + $this->settings()), $this->path('www/system/ee/eecli.php'), ...$arguments];
        exec(implode(' ', array_map('escapeshellarg', $command)) . ' 2>&1 </dev/null', $output, $status);
        $said = implode("\n", $output);
        // It exits with 0 after errors that it catches.
        if ($status !== 0 || str_contains($said, 'Error caught')) {
            throw new RuntimeException('eecms ' . implode(' ', $arguments) . " failed:\n$said");
        }
        return $said;
    }

    /** Runs PHP code within ExpressionEngine, by `eecms`; what it printed. */
    public function script(string $code): string
    {
        $file = $this->path('script-' . bin2hex(random_bytes(4)) . '.php');
        file_put_contents($file, "<?php $code");
        return $this->eecms('probe:run', $file);
    }

    /** Makes a template `site/NAME`. */
    public function addTemplate(string $name, string $template): void
    {
        $this->script(sprintf(<<<'PHP'
            $group = ee('Model')->get('TemplateGroup')->filter('group_name', 'site')->first()
                ?: ee('Model')->make('TemplateGroup', ['group_name' => 'site', 'is_site_default' => 'y', 'site_id' => 1])->save();
            $template = ee('Model')->make('Template', ['group_id' => $group->group_id, 'site_id' => 1, 'template_name' => %s, 'template_type' => 'webpage', 'template_data' => %s, 'allow_php' => 'y', 'php_parse_location' => 'o']);
            $template->Roles = ee('Model')->get('Role')->all();
            $template->save();
            PHP, var_export($name, true), var_export($template, true)));
    }

    private function databaseName(): string
    {
        return (string) preg_replace('/^.*dbname=/', '', $this->database->dsn);
    }

    /** @return array<string, mixed> */
    private function settings(): array
    {
        preg_match('/unix_socket=([^;]*)/', $this->database->dsn, $socket);
        $settings = [
            'extension' => Extension::with(...self::extensions()),
            'holdfast.store' => "shared://{$this->directory->path}/sessions?size=32M",
            'pdo_mysql.default_socket' => $socket[1],
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
        $wanted = ['pdo', 'mysqlnd', 'pdo_mysql', 'ctype', 'curl', 'dom', 'fileinfo', 'iconv', 'mbstring', 'posix', 'simplexml', 'tokenizer', 'xml', 'zip'];
        return array_values(array_filter(
            array_map(static fn (string $name): string => "$name.so", $wanted),
            static fn (string $file): bool => is_file(ini_get('extension_dir') . "/$file")
        ));
    }
}
