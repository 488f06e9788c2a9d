<?php

declare(strict_types=1);

namespace Holdfast\Tests\Server;

use const Holdfast\Tests\TESTS;

/**
 * A PHP site that is being served by several workers, from the pages in tests/php/site.
 */
interface Site
{
    /** php-fpm runs no script whose path goes up by `..`. */
    public const PAGES = TESTS . '/site';

    /** Its address, without a slash at the end. */
    public function url(): string;

    /** What its processes logged, for the message of a failed assertion. */
    public function log(): string;

    /** Ends all its processes. */
    public function stop(): void;
}
