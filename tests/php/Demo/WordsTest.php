<?php

declare(strict_types=1);

namespace Holdfast\Tests\Demo;

use PHPUnit\Framework\TestCase;

use const Holdfast\Tests\TESTS;

/**
 * The words in which the demo shop names a browser, a time and a pause.
 */
final class WordsTest extends TestCase
{
    public static function setUpBeforeClass(): void
    {
        foreach (['html', 'words'] as $file) {
            require_once dirname(TESTS, 2) . "/php/demo/src/$file.php";
        }
    }

    /** @dataProvider userAgents */
    public function testNamesBrowserAndSystem(string $expected, string $userAgent): void
    {
        self::assertSame($expected, \deviceInWords($userAgent));
    }

    /** @return list<array{string, string}> */
    public static function userAgents(): array
    {
        $windows = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';
        $iPhone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)';
        return [
            ['Chrome on Windows', $windows],
            ['Edge on Windows', "$windows Edg/140.0.0.0"],
            ['Opera on Windows', "$windows OPR/124.0.0.0"],
            ['Firefox on Linux', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'],
            ['Safari on an iPhone', "$iPhone Version/18.5 Mobile/15E148 Safari/604.1"],
            ['Chrome on an iPhone', "$iPhone CriOS/140.0.0.0 Mobile/15E148 Safari/604.1"],
            ['Firefox on an iPhone', "$iPhone FxiOS/140.0 Mobile/15E148 Safari/605.1.15"],
            [
                'Safari on a Mac',
                'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15',
            ],
            [
                'Samsung Internet on Android',
                'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36',
            ],
            ['Chrome on ChromeOS', 'Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'],
            ['A browser', 'curl/8.5.0'],
            ['A browser', ''],
        ];
    }

    public function testTellsTimes(): void
    {
        self::assertSame('just now', \ago(time()));
        self::assertSame('2 minutes ago', \ago(time() - 150));
        self::assertSame('1 hour ago', \ago(time() - 3700));
        self::assertSame('on ' . gmdate('j F Y', time() - 100_000), \ago(time() - 100_000));
    }

    public function testTellsPauses(): void
    {
        self::assertSame('', \pauseInWords(0));
        self::assertSame('Please wait 1 second before the next one.', \pauseInWords(1));
        self::assertSame('Please wait 2 minutes before the next one.', \pauseInWords(91));
        self::assertSame('Please wait 15 minutes before the next one.', \pauseInWords(15 * 60));
        self::assertSame('No more are taken, because so many were wrong.', \pauseInWords(PHP_INT_MAX));
    }
}
