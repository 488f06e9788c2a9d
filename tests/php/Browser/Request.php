<?php

declare(strict_types=1);

namespace Holdfast\Tests\Browser;

/**
 * A page that a browser asks for.
 */
final class Request
{
    /**
     * @param array<string, string>|null $fields sent by POST when not null
     * @param string|null $cookieHeader these bytes instead of the browser's cookies
     * @param float $seconds how long the answer may take
     */
    public function __construct(
        public readonly string $path,
        public readonly ?array $fields = null,
        public readonly ?string $cookieHeader = null,
        public readonly float $seconds = 30.0,
    ) {
    }
}
