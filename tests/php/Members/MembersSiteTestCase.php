<?php

declare(strict_types=1);

namespace Holdfast\Tests\Members;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\Request;
use Holdfast\Tests\Extension;
use Holdfast\Tests\Server\SiteTestCase;
use Holdfast\Tests\TemporaryDirectory;
use Holdfast\Tests\Users\Databases\Connection;
use Holdfast\Tests\Users\Databases\LoggingDatabase;
use Holdfast\Tests\Users\Databases\MariaDb;
use Holdfast\Tests\Users\Databases\PostgreSql;
use Holdfast\Users\PdoMemberProvider;
use Holdfast\Users\Schema;

/**
 * A site with the members alice, bob and carol in a real database, whose own log tells what it was asked.
 */
abstract class MembersSiteTestCase extends SiteTestCase
{
    protected const PASSWORD = 'correct horse';
    protected const EDITORS = 6;

    private const COMMAND = __DIR__ . '/../../../php/bin/holdfast-user';

    /** @var array<class-string<LoggingDatabase>, LoggingDatabase> */
    private static array $running = [];

    private LoggingDatabase $database;
    private Connection $connection;
    private TemporaryDirectory $directory;

    /** @var array<string, int> */
    protected array $ids = [];

    public static function tearDownAfterClass(): void
    {
        parent::tearDownAfterClass();
        foreach (self::$running as $database) {
            $database->stop();
        }
        self::$running = [];
    }

    /** @return array<string, array{class-string<LoggingDatabase>}> */
    public static function servers(): array
    {
        return ['MariaDB' => [MariaDb::class], 'PostgreSQL' => [PostgreSql::class]];
    }

    protected static function settings(): array
    {
        $isFile = static fn (string $name): bool => is_file(ini_get('extension_dir') . '/' . $name);
        $drivers = array_filter(['pdo.so', 'mysqlnd.so', 'pdo_mysql.so', 'pdo_pgsql.so'], $isFile);
        return ['extension' => Extension::with(...$drivers), 'holdfast.throttle' => 0];
    }

    protected function setUp(): void
    {
        $this->directory = new TemporaryDirectory();
        chmod($this->directory->path, 0755);
    }

    protected function tearDown(): void
    {
        $this->directory->remove();
    }

    /** @param class-string<LoggingDatabase> $kind */
    protected function membersIn(string $kind): void
    {
        if (!isset(self::$running[$kind])) {
            $lacks = $kind::lacks();
            if ($lacks !== null) {
                self::markTestSkipped("Here lacks $lacks: scripts/install-dependencies test");
            }
            self::$running[$kind] = $kind::start();
        }
        $this->database = self::$running[$kind];
        $this->connection = $this->database->fresh();
        file_put_contents(
            $this->directory->path . '/connection.json',
            json_encode([$this->connection->dsn, $this->connection->user, $this->connection->password], JSON_THROW_ON_ERROR)
        );
        $this->makeMembers();
        $this->database->logQueries($this->connection);
    }

    /** @return list<string> what the database was asked since the test began: the SQL, and 'connection' */
    protected function queries(): array
    {
        return $this->database->queries($this->connection);
    }

    /** @return list<string> what the database is asked while this runs */
    protected function queriesOf(callable $asking): array
    {
        $before = count($this->queries());
        $asking();
        return array_slice($this->queries(), $before);
    }

    /**
     * Calls methods in one request: see site/members.php.
     *
     * @param list<mixed> ...$calls each a method with its arguments
     * @return list<mixed> what each gave
     */
    protected function ask(Browser $visitor, array ...$calls): array
    {
        return self::said($visitor->send($this->request($calls)))['results'];
    }

    /**
     * @param list<list<mixed>> $calls
     * @param array<string, string> $more
     */
    protected function request(array $calls, array $more = []): Request
    {
        $named = array_map(static fn (array $call): array => [array_shift($call), $call], $calls);
        return new Request('/members.php', [
            'calls' => json_encode($named, JSON_THROW_ON_ERROR),
            'directory' => $this->directory->path,
        ] + $more);
    }

    /** A browser that this member has logged in with. */
    protected function loggedIn(string $name): Browser
    {
        $visitor = self::visitor();
        self::assertSame([$name], $this->ask($visitor, ['login', $name, self::PASSWORD]));
        return $visitor;
    }

    /**
     * Runs holdfast-user on the site's database and its store.
     *
     * @return array{int, string} exit code, and what it said
     */
    protected function command(string ...$arguments): array
    {
        $store = self::said(self::visitor()->send($this->request([])))['store'];
        $settings = ['extension' => Extension::with(...$this->connection->extensions()), 'holdfast.store' => $store];
        $environment = ['HOLDFAST_USERS_DSN' => $this->connection->dsn, 'HOLDFAST_USERS_USER' => (string) $this->connection->user,
            'HOLDFAST_USERS_PASSWORD' => (string) $this->connection->password];
        $words = array_map(static fn (string $name, string $value): string => "$name=$value", array_keys($environment), $environment);
        $command = ['env', ...$words, PHP_BINARY, ...Extension::arguments($settings), self::COMMAND, ...$arguments];
        exec('timeout 60 ' . implode(' ', array_map('escapeshellarg', $command)) . ' 2>&1', $lines, $code);
        return [$code, implode("\n", $lines)];
    }

    protected function assertNoMember(string $name): void
    {
        $count = $this->connection->pdo()->query("SELECT count(*) FROM members WHERE user_id = {$this->ids[$name]}");
        self::assertSame(0, (int) $count->fetchColumn());
    }

    protected function forgetMember(string $name): void
    {
        $this->connection->pdo()->exec("DELETE FROM members WHERE user_id = {$this->ids[$name]}");
    }

    /** In a process of its own: this one has not loaded the extension. */
    private function makeMembers(): void
    {
        $code = '<?php require ' . var_export(realpath(__DIR__ . '/../../../php/autoload.php'), true) . ';'
            . '$pdo = ' . $this->connection->code() . ';'
            . Schema::class . '::installMembers($pdo);'
            . '$members = new ' . PdoMemberProvider::class . '($pdo, "users", ["cost" => 4]);'
            . '$editors = $members->roles->create("Editors", ["can_access_cp", "can_access_publish"]);'
            . '$data = ["email" => "a@example.org", "timezone" => "Europe/Zurich", "total_entries" => 7, "accept_messages" => "y"];'
            . 'foreach (["alice" => $editors->id, "bob" => $editors->id, "carol" => 5] as $name => $role) {'
            . '  $ids[$name] = $members->create($name, ' . var_export(self::PASSWORD, true) . ', $role, $data)->id;'
            . '} echo json_encode([$ids, $editors->id]);';
        $script = $this->directory->path . '/make.php';
        file_put_contents($script, $code);
        $settings = ['extension' => Extension::with(...$this->connection->extensions()), 'holdfast.store' => 'memory:'];
        exec(implode(' ', array_map('escapeshellarg', [PHP_BINARY, ...Extension::arguments($settings), $script])) . ' 2>&1', $lines);
        [$this->ids, $editors] = json_decode(implode("\n", $lines), true) ?? self::fail(implode("\n", $lines));
        self::assertSame(self::EDITORS, $editors, 'a site\'s first role');
    }
}
