<?php

declare(strict_types=1);

namespace Holdfast\Admin;

use Holdfast\Store;

/**
 * What the page can end: one session, or all of a user. How it is asked for, done, and told.
 */
final class Ending
{
    private function __construct(
        private readonly string $what,
        public readonly string $whom
    ) {
    }

    /** One session, by its handle. */
    public static function ofSession(string $handle): self
    {
        return new self('session', $handle);
    }

    /** All sessions of the user with this id. */
    public static function ofUser(string $user): self
    {
        return new self('user', $user);
    }

    /** What the form that was sent asks for; null: nothing that there is. */
    public static function ofForm(): ?self
    {
        return self::of(Links::field('end'), rawurldecode(Links::field('whom')));
    }

    /** What the address asks for; null likewise. */
    public static function ofAddress(): ?self
    {
        return self::of(Links::parameter('end'), Links::parameter('whom'));
    }

    public function isOfUser(): bool
    {
        return $this->what === 'user';
    }

    /** @return array<string, string> what the address of the question says */
    public function parameters(): array
    {
        return ['view' => 'end', 'end' => $this->what, 'whom' => $this->whom];
    }

    /** The hidden fields. An id may have bytes that no form carries as they are. */
    public function fields(): string
    {
        return '<input type="hidden" name="' . Links::PREFIX . "end\" value=\"$this->what\">"
            . '<input type="hidden" name="' . Links::PREFIX . 'whom" value="' . rawurlencode($this->whom) . '">';
    }

    /** Does it, and says what came of it, as a word for the next page: see told(). */
    public function perform(string $actor): string
    {
        if ($this->isOfUser()) {
            return 'user.' . Store::endUser($this->whom, $actor);
        }
        return Store::end($this->whom, $actor) ? 'ended' : 'gone';
    }

    /** What a word of perform() says to people; '' when it is none. */
    public static function told(string $word): string
    {
        if (preg_match('/^user\.(\d{1,18})$/D', $word, $found) === 1) {
            return (int) $found[1] === 0
                ? 'That user had no session.'
                : Text::count((int) $found[1], 'device was', 'devices were') . ' logged out.';
        }
        return match ($word) {
            'ended' => 'The session has ended.',
            'gone' => 'That session had ended before.',
            default => '',
        };
    }

    private static function of(string $what, string $whom): ?self
    {
        return match (true) {
            $what === 'session' && preg_match('/^[0-9a-f]{32}$/D', $whom) === 1 => self::ofSession($whom),
            $what === 'user' && $whom !== '' => self::ofUser($whom),
            default => null,
        };
    }
}
