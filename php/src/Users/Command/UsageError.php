<?php

declare(strict_types=1);

namespace Holdfast\Users\Command;

use InvalidArgumentException;

/**
 * The command was called in a way that makes no sense. Values are not in the message: one may be a password.
 */
final class UsageError extends InvalidArgumentException
{
}
