<?php

declare(strict_types=1);

namespace Holdfast\Tests\Redis;

/**
 * A Redis that a test has started, of one server or of several.
 */
interface RedisServers
{
    /** The DSN of a store in it. */
    public function store(): string;

    /** @return list<RedisServer> those that keep sessions, as it began */
    public function masters(): array;

    /** Ends it, and removes what it kept. */
    public function remove(): void;
}
