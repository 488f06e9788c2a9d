<?php

declare(strict_types=1);

namespace Holdfast\Tests\Users;

use Holdfast\Tests\Cli\PhpCli;
use Holdfast\Tests\Cli\Result;
use Holdfast\Tests\Extension;
use Holdfast\Tests\HoldfastTestCase;
use Holdfast\Tests\Users\Databases\Connection;
use Holdfast\Tests\Users\Databases\Database;
use Holdfast\Tests\Users\Databases\MariaDb;
use Holdfast\Tests\Users\Databases\PostgreSql;
use Holdfast\Tests\Users\Databases\Sqlite;

/**
 * Tests that run on each database. A server starts with the first test of a class that needs it, and ends with the class.
 */
abstract class DatabaseTestCase extends HoldfastTestCase
{
    protected const LIBRARY = __DIR__ . '/../../../php';

    /** @var array<class-string<Database>, Database> */
    private static array $running = [];

    public static function tearDownAfterClass(): void
    {
        foreach (self::$running as $database) {
            $database->stop();
        }
        self::$running = [];
        parent::tearDownAfterClass();
    }

    /** @return array<string, array{class-string<Database>}> */
    final public static function databases(): array
    {
        return ['SQLite' => [Sqlite::class], 'MariaDB' => [MariaDb::class], 'PostgreSQL' => [PostgreSql::class]];
    }

    /**
     * An empty database.
     *
     * @param class-string<Database> $kind
     */
    final protected function fresh(string $kind): Connection
    {
        if (!isset(self::$running[$kind])) {
            $lacks = $kind::lacks();
            if ($lacks !== null) {
                self::markTestSkipped("Here lacks $lacks: scripts/install-dependencies test");
            }
            self::$running[$kind] = $kind::start();
        }
        return self::$running[$kind]->fresh();
    }

    /**
     * A database with the table of the users.
     *
     * @param class-string<Database> $kind
     */
    final protected function installed(string $kind): Connection
    {
        $connection = $this->fresh($kind);
        $this->passesWith($connection, 'Holdfast\Users\Schema::install($pdo);');
        return $connection;
    }

    /**
     * Runs PHP code that finds the database in $pdo and the provider in $users, as HoldfastTestCase::passes().
     *
     * @param array<string, string|int> $settings of PHP
     */
    final protected function passesWith(Connection $connection, string $code, array $settings = []): Result
    {
        return $this->assertPasses($this->cliFor($connection, $settings)->run(self::prelude($connection) . $code . "\necho 'reached the end';"), $code);
    }

    final protected function assertPasses(Result $result, string $code): Result
    {
        self::assertSame('', $result->errors, "errors of:\n$code");
        self::assertStringEndsWith('reached the end', $result->output, "output of:\n$code");
        self::assertSame(0, $result->exitCode);
        return $result;
    }

    /** @param array<string, string|int> $settings of PHP */
    final protected function cliFor(Connection $connection, array $settings = []): PhpCli
    {
        return new PhpCli($this->directory(), $settings + self::extensions($connection));
    }

    /** @return array<string, list<string>> the settings that load what a script on this database needs */
    final protected static function extensions(Connection $connection): array
    {
        return ['extension' => Extension::with(...$connection->extensions())];
    }

    /** bcrypt at its lowest cost: most tests are not about the time that it takes. */
    final protected static function prelude(Connection $connection): string
    {
        return implode(' ', [
            'require ' . var_export(realpath(self::LIBRARY . '/autoload.php'), true) . ';',
            'require ' . var_export(__DIR__ . '/scripts/thrown.php', true) . ';',
            '$pdo = ' . $connection->code() . ';',
            '$users = new Holdfast\Users\PdoUserProvider($pdo, "users", ["cost" => 4]);',
        ]);
    }
}
