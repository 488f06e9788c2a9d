<?php

declare(strict_types=1);

namespace Holdfast\Bench\Work;

/**
 * An object as applications keep them in sessions.
 */
final class Item
{
    /** @param list<string> $tags */
    public function __construct(
        public int $id,
        protected string $name,
        private array $tags,
        public ?Item $part,
    ) {
    }
}
