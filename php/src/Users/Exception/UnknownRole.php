<?php

declare(strict_types=1);

namespace Holdfast\Users\Exception;

use RuntimeException;

/**
 * There is no role of this id.
 */
final class UnknownRole extends RuntimeException implements UserException
{
    public static function ofId(int $id, string $table): self
    {
        return new self("There is no role of id $id in the table $table.");
    }
}
