<?php

declare(strict_types=1);

namespace Holdfast\Tests\Browser;

use CurlHandle;

/**
 * The part of an answer that has come so far.
 */
final class Received
{
    /** @var list<string> */
    public array $headers = [];

    public string $body = '';

    public function header(CurlHandle $handle, string $line): int
    {
        $trimmed = rtrim($line, "\r\n");
        if ($trimmed !== '') {
            $this->headers[] = $trimmed;
        }
        return strlen($line);
    }

    public function body(CurlHandle $handle, string $bytes): int
    {
        $this->body .= $bytes;
        return strlen($bytes);
    }
}
