<?php

declare(strict_types=1);

namespace Holdfast\Tests\Chromium;

/**
 * Something on a page, as long as the page is there.
 */
final class Element
{
    /** The key under which WebDriver names elements (section 12.2). */
    private const REFERENCE = 'element-6066-11e4-a52e-4f735466cecf';

    public function __construct(private readonly Visitor $visitor, private readonly string $reference)
    {
    }

    /** @return list<self> */
    public static function all(Visitor $visitor, string $selector): array
    {
        $found = $visitor->command('POST', '/elements', ['using' => 'css selector', 'value' => $selector]);
        return array_map(fn (array $one): self => new self($visitor, $one[self::REFERENCE]), $found);
    }

    /** Its text as it is rendered: what is hidden is not in it. */
    public function text(): string
    {
        return $this->get('/text');
    }

    /** Its name for people who hear the page (W3C accname): the label of a field, the text of a button. */
    public function label(): string
    {
        return $this->get('/computedlabel');
    }

    public function isShown(): bool
    {
        return $this->get('/displayed');
    }

    public function attribute(string $name): ?string
    {
        return $this->get("/attribute/$name");
    }

    public function property(string $name): mixed
    {
        return $this->get("/property/$name");
    }

    /** @return array{x: int|float, y: int|float, width: int|float, height: int|float} in CSS pixels of the page */
    public function rectangle(): array
    {
        return $this->get('/rect');
    }

    /** Presses it, as a mouse or a finger does: it must be in sight and nothing above it. */
    public function click(): void
    {
        $this->visitor->command('POST', $this->path('/click'));
    }

    /** Types at the end of what is in it. */
    public function type(string $text): void
    {
        $this->visitor->command('POST', $this->path('/value'), ['text' => $text]);
    }

    /** Replaces what is in it. */
    public function fill(string $text): void
    {
        $this->visitor->command('POST', $this->path('/clear'));
        $this->type($text);
    }

    public function isStale(): bool
    {
        try {
            $this->get('/name');
            return false;
        } catch (Failure $failure) {
            if ($failure->isStale()) {
                return true;
            }
            throw $failure;
        }
    }

    private function get(string $what): mixed
    {
        return $this->visitor->command('GET', $this->path($what));
    }

    private function path(string $what): string
    {
        return "/element/{$this->reference}$what";
    }
}
