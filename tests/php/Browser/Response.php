<?php

declare(strict_types=1);

namespace Holdfast\Tests\Browser;

/**
 * What a server answered, or how far it came.
 */
final class Response
{
    /**
     * @param list<string> $headers the header lines as they came
     * @param float $seconds from the request to the last byte
     * @param string $failure curl's words when the answer is incomplete, '' when it is complete
     */
    public function __construct(
        public readonly int $status,
        public readonly array $headers,
        public readonly string $body,
        public readonly float $seconds,
        public readonly string $failure,
    ) {
    }

    /** A complete answer with status 200: what the page wrote is acknowledged. */
    public function isAcknowledged(): bool
    {
        return $this->status === 200 && $this->failure === '';
    }

    /** @return list<string> the values of all header lines of this name */
    public function header(string $name): array
    {
        $values = [];
        foreach ($this->headers as $line) {
            [$found, $value] = explode(':', $line, 2) + [1 => ''];
            if (strcasecmp($found, $name) === 0) {
                $values[] = trim($value);
            }
        }
        return $values;
    }

    /** @return list<SetCookie> */
    public function cookies(): array
    {
        return array_map(SetCookie::parse(...), $this->header('Set-Cookie'));
    }

    /** All of it, for the message of a failed assertion. */
    public function __toString(): string
    {
        return "status {$this->status} {$this->failure}\n" . implode("\n", $this->headers) . "\n\n{$this->body}";
    }
}
