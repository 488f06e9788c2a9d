<?php

declare(strict_types=1);

namespace Holdfast\Users;

use Holdfast\Exception\InvalidArgument;
use Holdfast\Users\Exception\DatabaseFailed;
use PDO;
use RuntimeException;

/**
 * Makes the table of the users, from the files in schema/.
 */
final class Schema
{
    private const DIRECTORY = __DIR__ . '/../../schema';

    /**
     * Makes the table unless it is there. It may be called again, and by several processes at once.
     *
     * @param string $table as for PdoUserProvider
     * @throws InvalidArgument as PdoUserProvider
     * @throws DatabaseFailed also when there is a table of this name already, with other columns: it stays as it is
     */
    public static function install(PDO $pdo, string $table = 'users'): void
    {
        $table = new Table($pdo, $table);
        $failure = null;
        try {
            $table->change(self::sql($pdo, $table));
        } catch (DatabaseFailed $failure) {
            // Two that make it at once: PostgreSQL refuses one of them. Then the table is there.
        }
        try {
            $table->rows(
                "SELECT id, name, name_key, password_hash, version, created_at, updated_at FROM {$table->quoted} WHERE id = 0"
            );
        } catch (DatabaseFailed $unusable) {
            throw $failure ?? $unusable;
        }
    }

    private static function sql(PDO $pdo, Table $table): string
    {
        $sql = file_get_contents(self::DIRECTORY . "/{$table->driver}.sql");
        if ($sql === false) {
            throw new RuntimeException("The file schema/{$table->driver}.sql of holdfast/session can't be read.");
        }
        return str_replace((new Table($pdo, 'users'))->quoted, $table->quoted, $sql);
    }
}
