<?php

declare(strict_types=1);

namespace Holdfast\Users\Command;

use RuntimeException;

/**
 * The database can't be reached. Without PDO's exception as the previous one, whose trace may hold the password.
 */
final class ConnectionFailed extends RuntimeException
{
}
