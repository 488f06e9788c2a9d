<?php

declare(strict_types=1);

namespace Holdfast\Tests\Lockouts;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\Crowd;
use Holdfast\Tests\TemporaryDirectory;

/**
 * S37 for an application that checks passwords itself: nothing gets through between the question and the note.
 */
final class ParallelTest extends LockoutTestCase
{
    public function testS37OfAHundredWrongPasswordsAtOnceFiveAreLookedAt(): void
    {
        $directory = new TemporaryDirectory();
        chmod($directory->path, 0777);
        $gate = $directory->path . '/open';
        $answers = [];
        $ask = static function (Browser $visitor) use ($gate, &$answers): iterable {
            $answers[] = yield [$visitor, self::attempt('alice', 'wrong', more: ['gate' => $gate])];
        };
        // Nobody knows yet that a password was wrong: those who wait have asked and have not looked.
        Crowd::run(
            array_map(static fn (): iterable => $ask(self::visitor()), range(1, 100)),
            static function () use ($gate): void {
                $waiting = \count(glob("$gate.waits.*") ?: []);
                if ($waiting > self::FREE || $waiting === self::FREE && \count(glob("$gate.refused.*") ?: []) === 100 - self::FREE) {
                    touch($gate);
                }
            }
        );
        $directory->remove();
        $is = array_count_values(array_map(static fn ($answer): string => self::said($answer)['is'], $answers));
        ksort($is);
        self::assertSame(['locked out' => 100 - self::FREE, 'wrong' => self::FREE], $is);
        self::assertSame(['attempts' => 100, 'failures' => self::FREE], self::counted('alice'));
    }
}
