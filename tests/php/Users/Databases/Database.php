<?php

declare(strict_types=1);

namespace Holdfast\Tests\Users\Databases;

/**
 * A database server of the tests' own, or what takes the place of one.
 */
interface Database
{
    /** What is missing here to start it; null when nothing is. */
    public static function lacks(): ?string;

    /** Starts it. It ends at stop(), and with the test process at the latest. */
    public static function start(): self;

    /** An empty database. */
    public function fresh(): Connection;

    public function stop(): void;
}
