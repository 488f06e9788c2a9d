<?php

declare(strict_types=1);

namespace Holdfast\Tests\Flashdata;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\TemporaryDirectory;

/**
 * Which request is the next one, and what flash data outlives.
 */
final class NextPageTest extends FlashdataTestCase
{
    /** @dataProvider servers */
    public function testItIsThereOnThePageAfterARedirectAndOnlyThere(string $server): void
    {
        $visitor = new Browser(self::site($server)->url());
        $answer = $visitor->send(self::request([
            ['set_flashdata', 'result_message', 'Entry Deleted!'],
            ['flashdata', 'result_message'],
            ['redirect', '/flash.php'],
        ]));
        self::assertSame(302, $answer->status);
        self::assertSame(
            ['Entry Deleted!', 'Entry Deleted!', ['result_message' => 'Entry Deleted!']],
            self::page($visitor, ['flashdata', 'result_message'], ['flashdata', 'result_message'], ['__get', 'flashdata'])
        );
        self::assertSame([false], self::page($visitor, ['flashdata', 'result_message']));
    }

    public function testItEndsWithTheNextPageAlsoWhenThatDoesNotReadIt(): void
    {
        $visitor = self::visitor();
        self::page($visitor, ['set_flashdata', 'a', 1]);
        self::assertSame([], self::page($visitor));
        self::assertSame([[]], self::page($visitor, ['flashdata']));
    }

    public function testItEndsAlsoWithAPageThatRedirects(): void
    {
        $visitor = self::visitor();
        self::page($visitor, ['set_flashdata', 'a', 1]);
        self::assertSame(302, $visitor->send(self::request([['redirect', '/flash.php']]))->status);
        self::assertSame([[]], self::page($visitor, ['flashdata']));

        self::page($visitor, ['set_flashdata', 'a', 1]);
        self::assertSame(302, $visitor->send(self::request([['keep_flashdata'], ['redirect', '/flash.php']]))->status);
        self::assertSame([['a' => 1]], self::page($visitor, ['flashdata']));
        self::assertSame([[]], self::page($visitor, ['flashdata']));
    }

    public function testItHasEndedWhenTheBrowserIsSentOn(): void
    {
        $directory = new TemporaryDirectory();
        try {
            $visitor = self::visitor();
            self::page($visitor, ['set_flashdata', 'a', 1]);
            $calls = [['linger'], ['set_flashdata', 'b', 2], ['redirect', '/flash.php']];
            $answer = $visitor->send(self::request($calls, ['until' => "$directory->path/until"]));
            self::assertSame(302, $answer->status);
            self::assertSame([['b' => 2]], self::page($visitor, ['flashdata']), 'while the page before is still running');
            touch("$directory->path/until");
        } finally {
            $directory->remove();
        }
    }

    public function testAPageThatClosesTheSessionEarlyShowsAndEndsIt(): void
    {
        $visitor = self::visitor();
        foreach (['', '1'] as $without) {
            self::page($visitor, ['set_flashdata', 'a', 1]);
            $request = self::request([['close'], ['flashdata', 'a']], $without === '' ? [] : ['without' => '1']);
            self::assertSame([true, 1], self::said($visitor->send($request))['results']);
            self::assertSame([[]], self::page($visitor, ['flashdata']));
        }
        self::page($visitor, ['set_flashdata', 'a', 1]);
        self::assertSame([true, true, 1], self::page($visitor, ['close'], ['start'], ['flashdata', 'a']));
        self::assertSame([[]], self::page($visitor, ['flashdata']));
    }

    /** @return array<string, array{array<string, string>, bool}> */
    public static function headers(): array
    {
        return [
            'nothing' => [[], true],
            'a navigation' => [['Sec-Fetch-Dest' => 'document', 'Sec-Fetch-Mode' => 'navigate'], true],
            'a frame' => [['Sec-Fetch-Dest' => 'iframe', 'Sec-Fetch-Mode' => 'navigate'], true],
            'a navigation by way of a service worker' => [['Sec-Fetch-Dest' => 'empty', 'Sec-Fetch-Mode' => 'navigate'], true],
            'a library that names itself' => [['X-Requested-With' => 'com.example.app'], true],
            'XMLHttpRequest' => [['X-Requested-With' => 'xmlhttprequest'], false],
            'fetch()' => [['Sec-Fetch-Dest' => 'empty', 'Sec-Fetch-Mode' => 'cors'], false],
            'an image' => [['Sec-Fetch-Dest' => 'image', 'Sec-Fetch-Mode' => 'no-cors'], false],
            'a script' => [['Sec-Fetch-Dest' => 'script'], false],
        ];
    }

    /**
     * @dataProvider headers
     * @param array<string, string> $headers
     */
    public function testOnlyPagesEndIt(array $headers, bool $isPage): void
    {
        $visitor = self::visitor();
        self::page($visitor, ['set_flashdata', 'a', 1]);
        $calls = [['flashdata', 'a'], ['set', 'written', 1]];
        self::assertSame(1, self::said($visitor->send(self::request($calls, [], $headers)))['results'][0]);
        self::assertSame([$isPage ? false : 1], self::page($visitor, ['flashdata', 'a']));
        self::assertSame([false], self::page($visitor, ['flashdata', 'a']));
    }

    public function testAPageThatDoesNotReadTheSessionDoesNotEndIt(): void
    {
        $visitor = self::visitor();
        self::page($visitor, ['set_flashdata', 'a', 1]);
        self::said($visitor->send(self::request([], ['without' => '1'])));
        self::assertSame([1], self::page($visitor, ['flashdata', 'a']));
    }

    public function testAScriptHasNothingToKeep(): void
    {
        $visitor = self::visitor();
        self::page($visitor, ['set_flashdata', 'a', 1]);
        self::assertSame([null, 1], self::script($visitor, ['keep_flashdata'], ['flashdata', 'a']));
        self::assertSame([1], self::page($visitor, ['flashdata', 'a']));
        self::assertSame([false], self::page($visitor, ['flashdata', 'a']));

        self::page($visitor, ['set_flashdata', 'a', 1]);
        [, $pages] = self::beside($visitor, [['keep_flashdata']], self::SCRIPT, [['flashdata', 'a']]);
        self::assertSame([[1]], $pages);
        self::assertSame([false], self::page($visitor, ['flashdata', 'a']), 'it does not bring back what a page has ended');
    }

    public function testAScriptThatSetsItAgainAndAgainKeepsOne(): void
    {
        $visitor = self::visitor();
        for ($n = 0; $n < 5; ++$n) {
            self::script($visitor, ['set_flashdata', ['progress' => $n, "once$n" => $n]]);
        }
        [$stored] = self::page($visitor, ['get', '_flashdata']);
        self::assertCount(9 - 3, array_merge(...array_values($stored)), 'one value by key');
        self::assertSame(1, count(array_filter($stored, static fn (array $batch): bool => isset($batch['progress']))));
        self::page($visitor, ['set_flashdata', 'x', 1]);
        self::assertSame([['x' => 1]], self::page($visitor, ['flashdata']));
    }

    public function testALoginAndANewIdTakeItAlong(): void
    {
        foreach ([['login', 'alice', 'ecila'], ['regenerate'], ['regenerate', true]] as $step) {
            $visitor = self::visitor();
            self::page($visitor, ['set_flashdata', 'before', 1]);
            $results = self::page($visitor, ['set_flashdata', 'a', 1], $step, ['set_flashdata', 'b', 2], ['flashdata', 'before']);
            self::assertNotEmpty($results[1], $step[0]);
            self::assertSame(1, $results[3]);
            self::assertSame([['a' => 1, 'b' => 2]], self::page($visitor, ['flashdata']), $step[0]);
            self::assertSame([[]], self::page($visitor, ['flashdata']), $step[0]);
        }
    }

    public function testALogoutEndsItAndMaySayGoodbye(): void
    {
        $visitor = self::visitor();
        self::page($visitor, ['login', 'alice', 'ecila'], ['set_flashdata', 'private', 1]);
        $results = self::page($visitor, ['logout'], ['flashdata', 'private'], ['set_flashdata', 'bye', 'alice']);
        self::assertFalse($results[1]);
        self::assertSame([['bye' => 'alice']], self::page($visitor, ['flashdata']));
    }

    public function testS25WhereThereIsNoneNothingIsStored(): void
    {
        $new = self::visitor();
        $known = self::visitor();
        self::page($known, ['set', 'a', 1]);
        $had = self::visitor();
        self::page($had, ['set_flashdata', 'a', 1]);
        self::page($had, ['flashdata']);
        $before = self::figures();
        foreach (['no session' => $new, 'a session' => $known, 'had some' => $had] as $who => $visitor) {
            $calls = [['flashdata'], ['flashdata', 'a'], ['__get', 'flashdata'], ['keep_flashdata'], ['keep_flashdata', 'a'], ['set_flashdata', []]];
            foreach ([[], self::SCRIPT] as $headers) {
                $answer = $visitor->send(self::request($calls, [], $headers));
                self::assertSame([[], false, [], null, null, null], self::said($answer)['results'], $who);
                self::assertSame([], $answer->cookies(), $who);
                self::assertSame($before, self::figures(), $who);
            }
        }
        self::assertSame([], $new->cookies);
    }

    /** @return array<string, int> */
    private static function figures(): array
    {
        return self::said(self::visitor()->get('/figures.php'));
    }
}
