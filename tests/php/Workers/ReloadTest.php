<?php

declare(strict_types=1);

namespace Holdfast\Tests\Workers;

use Holdfast\Tests\Server\SiteTestCase;

/**
 * R26: php-fpm is reloaded again and again under load, so that for a moment nobody may have the store open: no page
 * fails, and no view is lost.
 */
final class ReloadTest extends SiteTestCase
{
    public function testNoPageFailsAndNoViewIsLost(): void
    {
        Reloads::under(self::fpm());
    }
}
