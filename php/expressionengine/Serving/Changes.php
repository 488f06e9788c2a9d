<?php

namespace Holdfast\AddOn\Serving;

use Holdfast\Exception\InvalidArgument;

/**
 * What has changed since when: a record in the store, which every request compares.
 *
 * It counts changes, and has the number of the last one by what it was about: a member (m5), a session (s and a hash), a
 * remembered login (r and a hash), or everybody. What was read from the database when the count stood at N is true as long as
 * none of what it is about has a number above N. So the count is read before the database, and raised after it has changed.
 *
 * Where it can't be raised, something in the database that is read with ExpressionEngine's extensions makes all void.
 */
final class Changes
{
    /** How many are told apart. When there are more, all of them count as everybody. */
    private const MOST = 500;

    private const EVERYBODY = '*';

    /** Seconds between two times that all is made void by the same process. */
    private const PAUSE = 1.0;

    /** @var array{count: int, last: array<string, int>}|null as it was when this request began */
    private ?array $record = null;

    private bool $isRead = false;
    private bool $isFailed = false;
    private float $voided = 0.0;

    public function __construct(private readonly Settings $settings)
    {
    }

    public static function member(int $id): string
    {
        return "m$id";
    }

    public static function session(string $id): string
    {
        return 's' . self::hash($id);
    }

    public static function remembered(string $id): string
    {
        return 'r' . self::hash($id);
    }

    public static function everybody(): string
    {
        return self::EVERYBODY;
    }

    /** The count; null when there is no record. It is that of the first call: later changes don't count in this request. */
    public function count(): ?int
    {
        return $this->read()['count'] ?? null;
    }

    /** What the snapshots of this request must have in common with what they are compared with later. */
    public function name(): string
    {
        return $this->settings->epoch() . '/' . hash('sha256', $this->settings->changes());
    }

    /**
     * Has nothing of it changed since the count stood there?
     *
     * @param list<string> $about
     */
    public function areNoneSince(int $count, array $about): bool
    {
        $record = $this->read();
        if ($record === null || $count > $record['count']) {
            return false;
        }
        foreach ([self::EVERYBODY, ...$about] as $key) {
            if (($record['last'][$key] ?? 0) > $count) {
                return false;
            }
        }

        return true;
    }

    /**
     * Tells all requests that this has changed, at once. It throws nothing.
     *
     * @param list<string> $about
     * @param bool $mayAsk whether the database may be asked at this point
     * @return int|null the count now; null when all was made void, or will be when the request ends
     */
    public function tell(array $about, bool $mayAsk): ?int
    {
        try {
            if (REQ !== 'CLI' && $this->settings->changes() !== '' && Store::isThere()) {
                return Store::ofChanges($this->settings->changes())->update(
                    Store::CHANGES,
                    static fn (mixed $record): array => self::raised($record, $about)
                )['count'];
            }
        } catch (\Throwable $failure) {
            error_log('Holdfast: ' . $failure->getMessage());
        }
        // Then by the database.
        $this->voidAll($mayAsk);

        return null;
    }

    /** Makes a record, where there is none, for requests that begin from now on. It throws nothing. */
    public function begin(): void
    {
        try {
            $old = $this->settings->changes();
            Store::newChanges($old, ['count' => 1, 'last' => []], static function (string $id) use ($old): bool {
                // Of several that are made at once, the first is everybody's.
                $settings = Settings::change(static fn (Settings $now): array => $now->changes() === $old ? ['changes' => $id] : []);

                return $settings->changes() === $id;
            });
        } catch (\Throwable $failure) {
            error_log('Holdfast: ' . $failure->getMessage());
        }
    }

    /**
     * As it was when this request began; null when there is none, and when it can't be read. It throws nothing.
     *
     * @return array{count: int, last: array<string, int>}|null
     */
    private function read(): ?array
    {
        if ($this->isRead) {
            return $this->record;
        }
        $this->isRead = true;
        if ($this->settings->changes() !== '' && Store::isThere()) {
            try {
                $record = Store::ofChanges($this->settings->changes())->get(Store::CHANGES);
                $this->record = is_array($record) ? $record : null;
            } catch (InvalidArgument) {
                // The id is another store's: here is no record.
            } catch (\Throwable $failure) {
                error_log('Holdfast: ' . $failure->getMessage());
            }
        }

        return $this->record;
    }

    /**
     * @param list<string> $about
     * @return array{count: int, last: array<string, int>}
     */
    private static function raised(mixed $record, array $about): array
    {
        if (! is_array($record)) {
            throw new \RuntimeException('The record of what has changed is gone.');
        }
        $count = $record['count'] + 1;
        $last = array_fill_keys($about, $count) + $record['last'];
        if (count($last) > self::MOST) {
            $last = [self::EVERYBODY => $count];
        }

        return ['count' => $count, 'last' => $last];
    }

    private function voidAll(bool $mayAsk): void
    {
        if (! $this->isFailed) {
            $this->isFailed = true;
            // What changes between the last time and the end.
            register_shutdown_function(self::voidAllNow(...));
        }
        if ($mayAsk && microtime(true) - $this->voided > self::PAUSE) {
            $this->voided = microtime(true);
            self::voidAllNow();
        }
    }

    private static function voidAllNow(): void
    {
        try {
            Settings::voidAll();
        } catch (\Throwable $failure) {
            error_log('Holdfast: ' . $failure->getMessage());
        }
    }

    private static function hash(string $id): string
    {
        return substr(hash('sha256', $id), 0, 16);
    }
}
