<?php

declare(strict_types=1);

namespace Holdfast\Tests\Browser;

/**
 * A page that a browser asks for.
 */
final class Request
{
    /**
     * @param array<string, mixed>|null $fields sent as a form, by POST, when not null
     * @param string|null $cookieHeader these bytes instead of the browser's cookies
     * @param float $seconds how long the answer may take
     * @param array<string, string> $headers more headers, by name
     * @param string|null $method another method than GET or POST
     */
    public function __construct(
        public readonly string $path,
        public readonly ?array $fields = null,
        public readonly ?string $cookieHeader = null,
        public readonly float $seconds = 30.0,
        public readonly array $headers = [],
        public readonly ?string $method = null,
    ) {
    }
}
