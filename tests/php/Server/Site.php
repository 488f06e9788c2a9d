<?php

declare(strict_types=1);

namespace Holdfast\Tests\Server;

/**
 * A PHP site that is being served by several workers, from the pages in tests/php/site.
 */
interface Site
{
    public const PAGES = __DIR__ . '/../site';

    /** Its address, without a slash at the end. */
    public function url(): string;

    /** What its processes logged, for the message of a failed assertion. */
    public function log(): string;

    /** Ends all its processes. */
    public function stop(): void;
}
