<?php

declare(strict_types=1);

/** What the guide's example of the cache asks of `ee()->db`, over SQLite: a table of admins, and a count of the queries. */
final class Database
{
    public int $queries = 0;

    private readonly PDO $pdo;
    private string $columns = '*';

    /** @var list<object> */
    private array $rows = [];

    /** @param list<int> $admins */
    public function __construct(array $admins)
    {
        $this->pdo = new PDO('sqlite::memory:', options: [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
        $this->pdo->exec('CREATE TABLE super_class_admins (member_id INTEGER PRIMARY KEY, name TEXT)');
        foreach ($admins as $admin) {
            $this->pdo->prepare('INSERT INTO super_class_admins VALUES (?, ?)')->execute([$admin, "admin $admin"]);
        }
    }

    public function select(string $columns): self
    {
        $this->columns = $columns;
        return $this;
    }

    public function get(string $table): self
    {
        ++$this->queries;
        $this->rows = $this->pdo->query("SELECT $this->columns FROM $table")->fetchAll(PDO::FETCH_OBJ);
        return $this;
    }

    public function num_rows(): int
    {
        return count($this->rows);
    }

    /** @return list<object> */
    public function result(): array
    {
        return $this->rows;
    }
}
