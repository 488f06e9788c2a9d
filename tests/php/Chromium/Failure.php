<?php

declare(strict_types=1);

namespace Holdfast\Tests\Chromium;

use RuntimeException;

/**
 * A command that chromedriver refused.
 */
final class Failure extends RuntimeException
{
    /** @param string $error the code of W3C WebDriver, section 6.6: "no such element", "stale element reference"... */
    public function __construct(public readonly string $error, string $message)
    {
        parent::__construct("$error: $message");
    }

    /** The element, or the page that it was on, is gone. */
    public function isStale(): bool
    {
        // Between two pages there may be no document that an element could belong to.
        return in_array($this->error, ['stale element reference', 'no such element', 'detached shadow root'], true)
            || str_contains($this->getMessage(), 'does not belong to the document');
    }
}
