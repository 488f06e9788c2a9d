<?php

namespace Holdfast\AddOn\Serving;

require_once __DIR__ . '/CI_DB_holdfast_watch.php';

/**
 * Sees every statement that this process writes to the database by ExpressionEngine's connection, whoever writes it: a model, a
 * controller's own query, an add-on. What concerns what is kept is told at once.
 */
final class Watch
{
    private static ?self $watch = null;

    private bool $isConstructing = false;
    private ?int $count = null;

    /** While this process updates the last activity of a session itself. */
    private bool $isPaused = false;

    /** @var list<string>|null what was changed in a transaction that is open */
    private ?array $uncommitted = null;

    private function __construct(private readonly Changes $changes, private readonly string $prefix)
    {
    }

    public static function begin(Changes $changes): void
    {
        if (self::$watch !== null) {
            return;
        }
        self::$watch = new self($changes, (string) ee()->db->dbprefix);
        $connection = ee('Database')->getConnection();
        $connection->setLog(new \CI_DB_holdfast_watch($connection->getLog(), self::$watch->see(...)));
    }

    /**
     * From now on the session's constructor writes. That it was used is no change of it, and what it changes for itself is in
     * what it reads.
     */
    public static function constructing(): void
    {
        if (self::$watch !== null) {
            self::$watch->isConstructing = true;
            self::$watch->count = null;
        }
    }

    public static function constructed(): void
    {
        if (self::$watch !== null) {
            self::$watch->isConstructing = false;
        }
    }

    /**
     * The count to keep what the constructor has read with: the one from before, or the one after what it wrote itself, if
     * nobody else changed anything meanwhile.
     */
    public static function countAfter(int $before): int
    {
        return self::$watch?->count ?? $before;
    }

    /**
     * Writes what is no change.
     *
     * @template T
     * @param callable(): T $write
     * @return T
     */
    public static function unseen(callable $write): mixed
    {
        if (self::$watch === null) {
            return $write();
        }
        self::$watch->isPaused = true;
        try {
            return $write();
        } finally {
            self::$watch->isPaused = false;
        }
    }

    private function see(string $sql): void
    {
        if ($this->isPaused || strncasecmp(ltrim($sql), 'SELECT', 6) === 0) {
            return;
        }
        if (preg_match('/^\s*(START TRANSACTION|BEGIN|COMMIT|ROLLBACK)\b/i', $sql, $word)) {
            $this->transaction(strtoupper($word[1]));
            return;
        }
        $statement = Statement::parse($sql, $this->prefix);
        if ($statement === null) {
            return;
        }
        if ($this->isConstructing && $statement->table === 'sessions' && $statement->verb === 'UPDATE' && $statement->newSessionId() === null) {
            return;
        }
        $about = $statement->about();
        if ($about === []) {
            return;
        }
        if ($this->uncommitted !== null) {
            array_push($this->uncommitted, ...$about);
        }
        // Between an INSERT and the question for its id nothing may be asked.
        $this->tell($about, $statement->verb === 'UPDATE' || $statement->verb === 'DELETE', $this->isConstructing);
    }

    /** @param list<string> $about */
    private function tell(array $about, bool $mayAsk, bool $isOwn): void
    {
        $before = $this->count ?? $this->changes->count();
        $this->isPaused = true;
        $count = $this->changes->tell($about, $mayAsk);
        $this->isPaused = false;
        if ($isOwn && $count !== null && $before !== null && $count === $before + 1) {
            $this->count = $count;
        }
    }

    /** What is changed in a transaction is told when it is written and again when others can read it. */
    private function transaction(string $word): void
    {
        $about = $this->uncommitted;
        $this->uncommitted = $word === 'START TRANSACTION' || $word === 'BEGIN' ? [] : null;
        if ($word === 'COMMIT' && $about !== null && $about !== []) {
            $this->tell(array_values(array_unique($about)), true, false);
        }
    }
}
