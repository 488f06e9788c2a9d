<?php

declare(strict_types=1);

namespace Holdfast\Bench\Parallel;

/**
 * One kind of session: a line of the table.
 */
final class Contestant
{
    /**
     * @param string $name in Markdown
     * @param string $face 'superglobal' for `$_SESSION`, 'class' for `Session`
     * @param array<string, string|int|list<string>> $settings php.ini's
     */
    public function __construct(
        public readonly string $name,
        public readonly string $face,
        public readonly array $settings,
    ) {
    }
}
