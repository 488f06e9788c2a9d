<?php

declare(strict_types=1);

namespace Holdfast\Users\Exception;

use RuntimeException;

/**
 * The user who was to be changed is not there, or not any more.
 */
final class UnknownUser extends RuntimeException implements UserException
{
}
