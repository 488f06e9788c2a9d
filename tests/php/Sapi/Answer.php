<?php

declare(strict_types=1);

namespace Holdfast\Tests\Sapi;

/**
 * What a request was answered.
 */
final class Answer
{
    /** @var list<string> */
    public readonly array $headers;

    public readonly string $body;

    public function __construct(string $bytes)
    {
        [$headers, $this->body] = explode("\n\n", $bytes, 2) + [1 => ''];
        $this->headers = explode("\n", $headers);
    }

    /** @return array<string, string> name and value of each cookie; an empty value takes one away */
    public function cookies(): array
    {
        $cookies = [];
        foreach ($this->headers as $header) {
            if (preg_match('/^Set-Cookie: ([^=]+)=([^;]*)(.*)/i', $header, $found)) {
                $cookies[$found[1]] = str_contains($found[3], 'Max-Age=0') || $found[2] === 'deleted' ? '' : urldecode($found[2]);
            }
        }
        return $cookies;
    }
}
