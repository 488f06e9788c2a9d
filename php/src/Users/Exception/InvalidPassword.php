<?php

declare(strict_types=1);

namespace Holdfast\Users\Exception;

use InvalidArgumentException;

/**
 * A user can't have this password; the message says why, and can be shown to the visitor.
 */
final class InvalidPassword extends InvalidArgumentException implements UserException
{
}
