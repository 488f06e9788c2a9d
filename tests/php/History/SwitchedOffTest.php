<?php

declare(strict_types=1);

namespace Holdfast\Tests\History;

use Holdfast\Tests\Server\SiteTestCase;

/**
 * Issue 4: without the setting there is no history; the option of one session has it alone.
 */
final class SwitchedOffTest extends SiteTestCase
{
    public function testByDefaultNothingIsRecorded(): void
    {
        $visitor = self::visitor();
        $visitor->get('/history.php?do=set');
        self::assertSame([], self::said($visitor->get('/history.php?do=maintenance'))['history']);
        self::assertSame(['set' => true], self::said($visitor->get('/read.php'))['data']);
    }

    public function testTheOptionOfASessionSwitchesItOn(): void
    {
        $options = '&options=' . rawurlencode('{"history":1}');
        $visitor = self::visitor();
        for ($n = 0; $n < 4; ++$n) {
            $visitor->get("/history.php?do=set$options");
        }
        self::assertSame([3], array_keys(self::said($visitor->get("/history.php?look=1$options"))['history']));
    }
}
