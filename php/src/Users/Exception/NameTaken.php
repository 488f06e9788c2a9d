<?php

declare(strict_types=1);

namespace Holdfast\Users\Exception;

use Holdfast\Users\Name;
use RuntimeException;

/**
 * There is a user of this name already; the message names it, and can be shown to the visitor.
 */
final class NameTaken extends RuntimeException implements UserException
{
    public static function by(Name $name): self
    {
        return new self("There is a user named {$name->key} already: choose another name.");
    }
}
