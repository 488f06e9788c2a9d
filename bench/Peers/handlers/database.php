<?php

/**
 * Sessions in a database, by the queries of ProcessWire's module SessionHandlerDB (3.0): a lock by name, a select, an insert
 * or update, the release. As there, an unchanged session is written too. The connection is open before anything is measured:
 * a ProcessWire page has one anyway.
 */

declare(strict_types=1);

session_set_save_handler(new class (...explode('|', (string) get_cfg_var('bench.database'))) implements SessionHandlerInterface {
    private const LOCK_SECONDS = 50;

    private readonly PDO $database;

    public function __construct(string $dsn, string $user, string $password)
    {
        $this->database = new PDO($dsn, $user, $password, [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
        $this->database->exec("SET NAMES 'utf8mb4'");
    }

    public function open(string $path, string $name): bool
    {
        return true;
    }

    public function close(): bool
    {
        return true;
    }

    public function read(string $id): string
    {
        $lock = $this->database->prepare('SELECT GET_LOCK(:id, :seconds)');
        $lock->bindValue(':id', $id);
        $lock->bindValue(':seconds', self::LOCK_SECONDS, PDO::PARAM_INT);
        $lock->execute();
        if (!$lock->fetchColumn()) {
            throw new RuntimeException('The session is locked.');
        }
        $lock->closeCursor();
        $query = $this->database->prepare('SELECT data FROM `sessions` WHERE id=:id');
        $query->bindValue(':id', $id);
        $query->execute();
        $data = $query->rowCount() ? (string) $query->fetchColumn() : '';
        $query->closeCursor();
        return $data;
    }

    public function write(string $id, string $data): bool
    {
        $set = 'user_id=:user_id, pages_id=:pages_id, data=:data';
        $query = $this->database->prepare("INSERT INTO sessions SET id=:id, $set ON DUPLICATE KEY UPDATE $set, ts=NOW()");
        foreach ([':id' => $id, ':user_id' => 41, ':pages_id' => 1, ':data' => $data] as $key => $value) {
            $query->bindValue($key, $value, is_int($value) ? PDO::PARAM_INT : PDO::PARAM_STR);
        }
        $written = $query->execute();
        $query->closeCursor();
        $release = $this->database->prepare('DO RELEASE_LOCK(:id)');
        $release->bindValue(':id', $id);
        $release->execute();
        $release->closeCursor();
        return $written;
    }

    public function destroy(string $id): bool
    {
        return $this->database->prepare('DELETE FROM `sessions` WHERE id=:id')->execute([':id' => $id]);
    }

    public function gc(int $lifetime): int
    {
        return 0;
    }
});
