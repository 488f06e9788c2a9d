<?php

declare(strict_types=1);

namespace Holdfast\Admin;

use Closure;
use InvalidArgumentException;

/**
 * What the site says: who may see the page, and where it is.
 */
final class Site
{
    private const OPTIONS = ['authorise', 'actor', 'userName', 'url', 'title'];

    private function __construct(
        private readonly Closure $authorise,
        private readonly ?Closure $actor,
        private readonly ?Closure $userName,
        public readonly string $url,
        public readonly string $title
    ) {
    }

    /**
     * @param array<string, mixed> $options see docs/admin.md
     * @throws InvalidArgumentException when `authorise` is missing, or an option is none.
     */
    public static function of(array $options): self
    {
        foreach (array_keys($options) as $option) {
            if (!in_array($option, self::OPTIONS, true)) {
                throw new InvalidArgumentException("Holdfast's admin page has no option '$option'; there are: " . implode(', ', self::OPTIONS));
            }
        }
        if (!is_callable($options['authorise'] ?? null)) {
            throw new InvalidArgumentException(
                "Holdfast's admin page wants the option 'authorise': a function that gives true for who may see all sessions and end them"
            );
        }
        foreach (['actor', 'userName'] as $option) {
            if (isset($options[$option]) && !is_callable($options[$option])) {
                throw new InvalidArgumentException("The option '$option' of Holdfast's admin page must be a function");
            }
        }
        foreach (['url', 'title'] as $option) {
            if (isset($options[$option]) && !is_string($options[$option])) {
                throw new InvalidArgumentException("The option '$option' of Holdfast's admin page must be a string");
            }
        }
        $closure = static fn (?callable $function): ?Closure => $function === null ? null : $function(...);
        $path = (string) strtok((string) ($_SERVER['REQUEST_URI'] ?? '/'), '?');
        return new self(
            Closure::fromCallable($options['authorise']),
            $closure($options['actor'] ?? null),
            $closure($options['userName'] ?? null),
            // Two slashes would name another host.
            $options['url'] ?? '/' . ltrim($path, '/'),
            $options['title'] ?? ''
        );
    }

    /** Nothing but true is a yes. */
    public function allows(): bool
    {
        return ($this->authorise)() === true;
    }

    /** Who uses the page, for the audit log; '' when the site does not say. */
    public function actor(): string
    {
        return $this->actor === null ? '' : (string) ($this->actor)();
    }

    /** What people call the user of an id; null when the site does not say. */
    public function userName(string $user): ?string
    {
        $name = $this->userName === null || $user === '' ? null : ($this->userName)($user);
        return $name === null || (string) $name === '' || (string) $name === $user ? null : (string) $name;
    }
}
