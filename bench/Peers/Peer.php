<?php

declare(strict_types=1);

namespace Holdfast\Bench\Peers;

/**
 * A kind of sessions that is measured.
 */
final class Peer
{
    /**
     * @param string $id for the command line
     * @param string $name in Markdown
     * @param array<string, string|int|list<string>> $settings php.ini's
     * @param string $face 'superglobal' for `$_SESSION`, 'class' for `Session`
     */
    public function __construct(
        public readonly string $id,
        public readonly string $name,
        public readonly array $settings,
        public readonly string $face = 'superglobal',
    ) {
    }

    public function isHoldfast(): bool
    {
        return str_starts_with($this->id, 'holdfast');
    }

    /** @param array<string, string|int|list<string>> $settings that go before its own */
    public function with(array $settings): self
    {
        return new self($this->id, $this->name, $settings + $this->settings, $this->face);
    }
}
