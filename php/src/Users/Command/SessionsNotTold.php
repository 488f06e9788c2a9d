<?php

declare(strict_types=1);

namespace Holdfast\Users\Command;

use RuntimeException;

/**
 * A change is in the database, but the store of the sessions failed.
 */
final class SessionsNotTold extends RuntimeException
{
}
