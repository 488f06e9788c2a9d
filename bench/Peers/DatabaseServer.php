<?php

declare(strict_types=1);

namespace Holdfast\Bench\Peers;

use Holdfast\Tests\Users\Databases\Connection;
use Holdfast\Tests\Users\Databases\MariaDb;
use RuntimeException;

/**
 * A MariaDB of our own with ProcessWire's table of sessions. Its files are in memory, so that a disk makes it no slower.
 */
final class DatabaseServer
{
    /** Large enough for the largest session that is measured; all else is MariaDB's default. */
    private const OPTIONS = ['--innodb-log-file-size=96M', '--innodb-buffer-pool-size=128M', '--max-allowed-packet=64M'];

    private readonly MariaDb $server;
    private readonly Connection $connection;

    /** @param string $in a directory in memory */
    public function __construct(string $in)
    {
        $lacks = MariaDb::lacks();
        if ($lacks !== null) {
            throw new RuntimeException("There is no $lacks.");
        }
        $this->server = MariaDb::start(self::OPTIONS, $in);
        $this->connection = $this->server->fresh();
        $this->connection->pdo()->exec(
            'CREATE TABLE sessions (
                id CHAR(32) NOT NULL, user_id INT UNSIGNED NOT NULL, pages_id INT UNSIGNED NOT NULL, data MEDIUMTEXT NOT NULL,
                ts TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, ip INT UNSIGNED NOT NULL DEFAULT 0, ua VARCHAR(250) NOT NULL DEFAULT \'\',
                PRIMARY KEY (id), INDEX (pages_id), INDEX (user_id), INDEX (ts)
            ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4'
        );
    }

    /** DSN, user and password, for Peers/handlers/database.php. */
    public function login(): string
    {
        return implode('|', [$this->connection->dsn, $this->connection->user, $this->connection->password]);
    }

    /** @return list<string> */
    public function phpExtensions(): array
    {
        return $this->connection->extensions();
    }

    public function version(): string
    {
        $version = (string) $this->connection->pdo()->query('SELECT VERSION()')->fetchColumn();
        return 'MariaDB ' . strtok($version, '-');
    }

    public function stop(): void
    {
        $this->server->stop();
    }
}
