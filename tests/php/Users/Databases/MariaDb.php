<?php

declare(strict_types=1);

namespace Holdfast\Tests\Users\Databases;

use Holdfast\Tests\Server\ServerProcess;
use Holdfast\Tests\TemporaryDirectory;
use Holdfast\Tests\Wait;
use PDO;
use PDOException;
use RuntimeException;

/**
 * A MariaDB server on a unix socket and on no port.
 */
final class MariaDb implements LoggingDatabase
{
    /** Small files that are never flushed: nothing of it survives the tests. */
    private const CHEAP = [
        '--innodb-log-file-size=4M', '--innodb-data-file-path=ibdata1:10M:autoextend', '--innodb-flush-log-at-trx-commit=0',
        '--innodb-flush-method=nosync', '--innodb-buffer-pool-size=16M', '--performance-schema=OFF',
    ];

    private readonly ServerProcess $server;
    private readonly string $password;
    private ?PDO $root = null;
    private int $databases = 0;

    /** @param list<string> $options of the server */
    private function __construct(private readonly TemporaryDirectory $directory, array $options)
    {
        $this->password = bin2hex(random_bytes(12));
        $data = ['--no-defaults', "--datadir={$directory->path}/data", ...$options];
        Unprivileged::run(
            [
                (string) self::program('mariadb-install-db'), ...$data, '--auth-root-authentication-method=normal',
                '--skip-test-db', '--skip-name-resolve',
            ],
            $directory->path
        );
        $this->server = new ServerProcess(
            Unprivileged::command([
                (string) self::program('mariadbd'), ...$data, "--socket={$this->socket()}", '--skip-networking', '--skip-name-resolve',
                "--pid-file={$directory->path}/pid", "--tmpdir={$directory->path}", "--general-log-file={$this->queryLog()}",
            ]),
            [],
            $directory->path . '/log'
        );
        $this->server->waitUntil($this->answers(...), 'mariadbd answers');
        $this->root?->exec("CREATE USER site@localhost IDENTIFIED BY '{$this->password}'");
        $this->root?->exec('GRANT ALL ON *.* TO site@localhost');
    }

    public static function lacks(): ?string
    {
        return match (true) {
            !extension_loaded('pdo_mysql') => "PHP's extension pdo_mysql",
            self::program('mariadbd') === null, self::program('mariadb-install-db') === null => 'the server mariadbd',
            default => null,
        };
    }

    /**
     * @param list<string> $options of the server
     * @param string|null $in where its files are; the system's temporary directory by default
     */
    public static function start(array $options = self::CHEAP, ?string $in = null): self
    {
        $directory = Unprivileged::directory($in);
        try {
            return new self($directory, $options);
        } catch (RuntimeException $failure) {
            $directory->remove();
            throw $failure;
        }
    }

    public function fresh(): Connection
    {
        $name = 'test' . ++$this->databases;
        $this->root?->exec("CREATE DATABASE $name");
        return new Connection(
            "mysql:unix_socket={$this->socket()};dbname=$name",
            'site',
            $this->password,
            ['mysqlnd.so', 'pdo_mysql.so']
        );
    }

    public function logQueries(Connection $connection): void
    {
        $this->root?->exec('SET GLOBAL general_log = ON');
    }

    public function queries(Connection $connection): array
    {
        // What was asked before the mark is logged before it.
        $mark = bin2hex(random_bytes(8));
        $this->root?->query("SELECT '$mark'")->fetchAll();
        Wait::until(fn (): bool => str_contains($this->logged(), $mark), 'the mark is logged', $this->logged(...));

        $database = preg_replace('/^.*dbname=/', '', $connection->dsn);
        preg_match_all('/^[^\t]*\t+ *(\d+) (\w[\w ]*)\t(.*)$/m', $this->logged(), $entries, PREG_SET_ORDER);
        $threads = [];
        $queries = [];
        foreach ($entries as [, $thread, $command, $text]) {
            if ($command === 'Connect') {
                $threads[$thread] = str_contains($text, " on $database ");
            }
            // A connection may be closed when the page was answered already.
            if (($threads[$thread] ?? false) && $command !== 'Quit') {
                $queries[] = $command === 'Connect' ? 'connection' : $text;
            }
        }
        return $queries;
    }

    public function stop(): void
    {
        $this->root = null;
        $this->server->stop();
        $this->directory->remove();
    }

    private function socket(): string
    {
        return $this->directory->path . '/socket';
    }

    private function queryLog(): string
    {
        return $this->directory->path . '/queries';
    }

    private function logged(): string
    {
        return (string) @file_get_contents($this->queryLog());
    }

    private function answers(): bool
    {
        try {
            $this->root = new PDO("mysql:unix_socket={$this->socket()}", 'root');
            return true;
        } catch (PDOException) {
            return false;
        }
    }

    private static function program(string $name): ?string
    {
        return Unprivileged::program($name);
    }
}
