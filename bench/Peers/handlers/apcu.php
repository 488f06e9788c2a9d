<?php

/**
 * Sessions in APCu. Without a lock, as APCu offers none that dies with its owner.
 */

declare(strict_types=1);

session_set_save_handler(new class implements SessionHandlerInterface, SessionUpdateTimestampHandlerInterface {
    private const PREFIX = 'session:';

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
        $data = apcu_fetch(self::PREFIX . $id);
        return $data === false ? '' : $data;
    }

    public function write(string $id, string $data): bool
    {
        return apcu_store(self::PREFIX . $id, $data, 1440);
    }

    public function destroy(string $id): bool
    {
        apcu_delete(self::PREFIX . $id);
        return true;
    }

    public function gc(int $lifetime): int
    {
        return 0;
    }

    public function validateId(string $id): bool
    {
        return apcu_exists(self::PREFIX . $id);
    }

    /** An unchanged session is not stored again: APCu cannot move its end without that, and this flatters APCu. */
    public function updateTimestamp(string $id, string $data): bool
    {
        return true;
    }
});
