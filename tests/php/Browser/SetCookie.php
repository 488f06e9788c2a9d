<?php

declare(strict_types=1);

namespace Holdfast\Tests\Browser;

/**
 * One Set-Cookie line, taken apart.
 */
final class SetCookie
{
    /**
     * @param array<string, string|true> $attributes by lower-case name; true where the attribute has no value
     */
    private function __construct(
        public readonly string $name,
        public readonly string $value,
        public readonly array $attributes,
    ) {
    }

    public static function parse(string $line): self
    {
        $parts = array_map('trim', explode(';', $line));
        [$name, $value] = explode('=', array_shift($parts), 2) + [1 => ''];
        $attributes = [];
        foreach ($parts as $part) {
            $pair = explode('=', $part, 2);
            $attributes[strtolower($pair[0])] = $pair[1] ?? true;
        }
        return new self($name, $value, $attributes);
    }

    /** Whether it tells the browser to forget the cookie. */
    public function isRemoval(): bool
    {
        if (isset($this->attributes['max-age'])) {
            return (int) $this->attributes['max-age'] <= 0;
        }
        return isset($this->attributes['expires']) && strtotime((string) $this->attributes['expires']) <= time();
    }
}
