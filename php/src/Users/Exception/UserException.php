<?php

declare(strict_types=1);

namespace Holdfast\Users\Exception;

use Holdfast\Exception\HoldfastException;

/**
 * Everything that goes wrong with users. No password and no hash is in any message.
 */
interface UserException extends HoldfastException
{
}
