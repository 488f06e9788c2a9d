<?php

declare(strict_types=1);

namespace Holdfast\Tests\Flashdata;

use Holdfast\Tests\Browser\Crowd;
use Holdfast\Tests\Browser\Request;

/**
 * S42: flash data is shown by the next page, once, whatever other requests of the visitor run at the same time.
 *
 * HOLDFAST_ROUNDS=500 sets the number of rounds.
 */
final class ShownOnceTest extends FlashdataTestCase
{
    private const TOGETHER = 20;

    public function testS42APageAndTwentyScriptsAtOnceShowItOnce(): void
    {
        $rounds = (int) (getenv('HOLDFAST_ROUNDS') ?: 25);
        $visitor = self::visitor();
        for ($round = 0; $round < $rounds; ++$round) {
            $set = self::request([['set_flashdata', 'saved', "round $round"], ['redirect', '/flash.php']]);
            self::assertSame(302, $visitor->send(new Request($set->path, fields: ['a' => 'form']))->status);
            $requests = [self::request([['flashdata']])];
            for ($n = 0; $n < self::TOGETHER; ++$n) {
                // Some only load the session, some change it, some look at the flash data, some set their own.
                $calls = [[], [['set', "key$n", $round]], [['flashdata', 'saved']], [['set_flashdata', "own$n", $round]]][$n % 4];
                $requests[] = self::request($calls, [], $n % 2 === 0 ? self::SCRIPT : self::FETCH);
            }
            // The page is not always the first to arrive.
            $at = $round % count($requests);
            [$requests[0], $requests[$at]] = [$requests[$at], $requests[0]];
            $answers = [];
            Crowd::run(array_map(static function (int $at, Request $request) use ($visitor, &$answers): iterable {
                $answers[$at] = yield [$visitor, $request];
            }, array_keys($requests), $requests));

            $shown = self::said($answers[$at])['results'][0];
            self::assertSame("round $round", $shown['saved'] ?? 'nothing', "round $round: shown by the page");
            foreach ($answers as $answer) {
                self::said($answer);
            }
            [$later] = self::page($visitor, ['flashdata']);
            self::assertArrayNotHasKey('saved', $later, "round $round: not shown again");
            $expected = [];
            for ($n = 3; $n < self::TOGETHER; $n += 4) {
                $expected["own$n"] = $round;
            }
            unset($shown['saved']);
            $all = [...$shown, ...$later];
            ksort($all);
            ksort($expected);
            self::assertSame($expected, $all, "round $round: what the scripts set is shown");
            self::assertSame([], array_intersect_key($shown, $later), "round $round: and once");
            self::assertSame([[]], self::page($visitor, ['flashdata']));
        }
        for ($n = 1; $n < self::TOGETHER; $n += 4) {
            self::assertSame([$rounds - 1], self::page($visitor, ['get', "key$n"]), 'what the others wrote is there');
        }
    }

    public function testS42WhatTwentyRequestsSetAtOnceIsAllShown(): void
    {
        $rounds = (int) (getenv('HOLDFAST_ROUNDS') ?: 25);
        $visitor = self::visitor();
        self::page($visitor, ['set', 'begun', true]);
        for ($round = 0; $round < $rounds; ++$round) {
            $paths = $expected = [];
            for ($n = 0; $n < self::TOGETHER; ++$n) {
                $paths[] = self::request([['set_flashdata', "key$n", $round]])->path;
                $expected["key$n"] = $round;
            }
            // Each is a page too, so what another one has set may be over before the last has ended.
            foreach ($visitor->getTogether(array_map(static fn ($path) => "$path&without", $paths)) as $answer) {
                self::said($answer);
            }
            self::page($visitor);
            self::assertSame([[]], self::page($visitor, ['flashdata']));

            Crowd::run(array_map(static function (string $path) use ($visitor): iterable {
                self::said(yield [$visitor, new Request($path, headers: self::FETCH)]);
            }, $paths));
            [$shown] = self::page($visitor, ['flashdata']);
            ksort($shown);
            ksort($expected);
            self::assertSame($expected, $shown, "round $round");
        }
    }

    /** A page that was already running when it was set is not the next one. */
    public function testS42APageThatBeganBeforeNeitherShowsNorEndsIt(): void
    {
        $visitor = self::visitor();
        self::page($visitor, ['set', 'a', 1]);
        foreach ([[], [['save']], [['increment', 'a', 1]], [['set_flashdata', 'of its own', 1], ['save']]] as $before) {
            [$results, $others] = self::beside(
                $visitor,
                [...$before, ['flashdata', 'late'], ['flashdata']],
                [],
                [['set_flashdata', 'late', 'set meanwhile']],
            );
            self::assertSame([false, []], array_slice($results, -2));
            self::assertSame([null], $others[0]);
            self::assertSame(['set meanwhile'], self::page($visitor, ['flashdata', 'late']));
            self::assertSame([[]], self::page($visitor, ['flashdata']));
        }
    }

    /** A script that read the session before the page came, and saves it afterwards. */
    public function testS42ARequestThatEndsLaterDoesNotBringItBack(): void
    {
        $visitor = self::visitor();
        foreach ([[['set', 'b', 2]], [['flashdata'], ['set', 'b', 3]], [['set_flashdata', 'own', 1]]] as $calls) {
            self::page($visitor, ['set_flashdata', ['saved' => 'yes', 'too' => 'yes']]);
            [$results, $pages] = self::beside($visitor, $calls, self::SCRIPT, [['flashdata', 'saved']]);
            self::assertSame([['yes']], $pages);
            if ($calls[0] === ['flashdata']) {
                self::assertSame(['saved' => 'yes', 'too' => 'yes'], $results[0]);
            }
            $own = $calls[0][0] === 'set_flashdata' ? ['own' => 1] : [];
            self::assertSame([$own], self::page($visitor, ['flashdata']));
        }
    }

    public function testS42WhatIsSetAnewWhileAPageEndsItIsForTheNextPage(): void
    {
        $visitor = self::visitor();
        self::page($visitor, ['set_flashdata', 'saved', 'first']);
        [, $pages] = self::beside($visitor, [['set_flashdata', 'saved', 'second']], self::SCRIPT, [['flashdata', 'saved']]);
        self::assertSame([['first']], $pages);
        self::assertSame(['second'], self::page($visitor, ['flashdata', 'saved']));
        self::assertSame([false], self::page($visitor, ['flashdata', 'saved']));
    }

    /** It was saved, shown and ended while the request that set it goes on. */
    public function testS42WhatIsSetAfterASaveIsNotLostWithWhatWasSetBefore(): void
    {
        $visitor = self::visitor();
        self::page($visitor, ['set', 'a', 1]);
        foreach ([['save'], ['increment', 'a', 1], ['regenerate']] as $save) {
            [, $pages] = self::beside(
                $visitor,
                [['set_flashdata', 'n', 1], $save, ['wait'], ['set_flashdata', 'n', 2], ['set_flashdata', 'm', 3]],
                self::SCRIPT,
                [['flashdata']],
            );
            self::assertSame([[['n' => 1]]], $pages, $save[0]);
            self::assertSame([['n' => 2, 'm' => 3]], self::page($visitor, ['flashdata']), $save[0]);
            self::assertSame([[]], self::page($visitor, ['flashdata']));
        }
    }

    /** Two pages that both began after it was set: both are the next one. */
    public function testTwoPagesAtOnceBothShowItAndNoLaterOne(): void
    {
        $visitor = self::visitor();
        self::page($visitor, ['set_flashdata', 'saved', 'yes']);
        [$results, $others] = self::beside($visitor, [['flashdata', 'saved'], ['flashdata', 'saved']], [], [['flashdata', 'saved']]);
        self::assertSame([['yes']], $others);
        self::assertSame(['yes', 'yes'], $results, 'as it was when this request began');
        self::assertSame([false], self::page($visitor, ['flashdata', 'saved']));
    }
}
