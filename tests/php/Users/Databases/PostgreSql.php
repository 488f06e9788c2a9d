<?php

declare(strict_types=1);

namespace Holdfast\Tests\Users\Databases;

use Holdfast\Tests\Server\ServerProcess;
use Holdfast\Tests\TemporaryDirectory;
use PDO;
use PDOException;
use RuntimeException;

/**
 * A PostgreSQL server on a unix socket and on no port.
 */
final class PostgreSql implements LoggingDatabase
{
    private readonly ServerProcess $server;
    private readonly string $password;
    private ?PDO $first = null;
    private int $databases = 0;

    private function __construct(private readonly TemporaryDirectory $directory)
    {
        $this->password = bin2hex(random_bytes(12));
        $passwordFile = $directory->path . '/password';
        file_put_contents($passwordFile, $this->password);
        chmod($passwordFile, 0644);
        $data = $directory->path . '/data';
        Unprivileged::run(
            [
                (string) self::program('initdb'), '--pgdata', $data, '--no-sync', '--locale=C', '--encoding=UTF8',
                '--username=site', "--pwfile=$passwordFile", '--auth=scram-sha-256',
            ],
            $directory->path
        );
        $this->server = new ServerProcess(
            Unprivileged::command([
                (string) self::program('postgres'), '-D', $data, '-k', $directory->path, '-c', 'listen_addresses=', '-c', 'fsync=off',
                '-c', 'shared_buffers=16MB', '-c', 'log_connections=on', '-c', 'log_line_prefix=%d ',
            ]),
            [],
            $directory->path . '/log'
        );
        $this->server->waitUntil($this->answers(...), 'postgres answers');
    }

    public static function lacks(): ?string
    {
        return match (true) {
            !extension_loaded('pdo_pgsql') => "PHP's extension pdo_pgsql",
            self::program('postgres') === null, self::program('initdb') === null => 'the server postgres',
            default => null,
        };
    }

    public static function start(): self
    {
        $directory = Unprivileged::directory();
        try {
            return new self($directory);
        } catch (RuntimeException $failure) {
            $directory->remove();
            throw $failure;
        }
    }

    public function fresh(): Connection
    {
        $name = 'test' . ++$this->databases;
        $this->first?->exec("CREATE DATABASE $name TEMPLATE template0");
        return new Connection($this->dsn($name), 'site', $this->password, ['pdo_pgsql.so']);
    }

    public function logQueries(Connection $connection): void
    {
        $this->first?->exec("ALTER DATABASE {$this->databaseOf($connection)} SET log_statement = 'all'");
    }

    public function queries(Connection $connection): array
    {
        // What was asked before the mark is logged before it.
        $mark = bin2hex(random_bytes(8));
        $marking = $connection->pdo();
        $marking->exec("SELECT '$mark'");
        $this->server->waitUntil(fn (): bool => str_contains($this->server->log(), $mark), 'the mark is logged');

        $pattern = "/^{$this->databaseOf($connection)} LOG:  (?:statement|execute [^:]*|(connection) authorized[^:]*): (.*)$/m";
        preg_match_all($pattern, $this->server->log(), $entries, PREG_SET_ORDER);
        $queries = array_map(static fn (array $entry): string => $entry[1] === '' ? $entry[2] : $entry[1], $entries);
        // Of this method's own, each a connection and its mark, nothing.
        while (($at = key(preg_grep("/^SELECT '[0-9a-f]{16}'$/D", $queries) ?: [])) !== null) {
            array_splice($queries, $at - 1, 2);
        }
        return $queries;
    }

    public function stop(): void
    {
        // It waits for its clients, so this one goes first.
        $this->first = null;
        $this->server->stop();
        $this->directory->remove();
    }

    private function databaseOf(Connection $connection): string
    {
        return (string) preg_replace('/^.*dbname=/', '', $connection->dsn);
    }

    private function dsn(string $database): string
    {
        return "pgsql:host={$this->directory->path};dbname=$database";
    }

    private function answers(): bool
    {
        try {
            $this->first = new PDO($this->dsn('postgres'), 'site', $this->password);
            return true;
        } catch (PDOException) {
            return false;
        }
    }

    private static function program(string $name): ?string
    {
        return Unprivileged::program($name, '/usr/lib/postgresql/*/bin');
    }
}
