<?php

declare(strict_types=1);

namespace Holdfast\Tests\Notices;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\Crowd;
use Holdfast\Tests\Browser\Request;
use Holdfast\Tests\Server\SiteTestCase;
use Holdfast\Tests\TemporaryDirectory;

/**
 * S42: a notice is shown exactly once, is kept across redirects, and is not eaten by parallel requests.
 *
 * HOLDFAST_ROUNDS=500 sets the number of rounds.
 */
final class ShownOnceTest extends SiteTestCase
{
    private const TOGETHER = 20;

    public function testS42APageAndTwentyOthersAtOnceShowItOnce(): void
    {
        $rounds = (int) (getenv('HOLDFAST_ROUNDS') ?: 25);
        $visitor = self::visitor();
        for ($round = 0; $round < $rounds; ++$round) {
            self::assertSame(302, $visitor->get("/notices.php?message[]=saved+$round&redirect=/notices.php")->status);
            $paths = ["/notices.php?show=messages,errors,warnings"];
            for ($n = 0; $n < self::TOGETHER; ++$n) {
                // Some only look at the session, some change it, some have a notice of their own, for the page after this one.
                $paths[] = '/notices.php?look=errors' . ['', "&set=key$n", "&error[]=failed+$round.$n"][$n % 3];
            }
            $responses = $visitor->getTogether($paths);
            $shown = self::said(array_shift($responses))['shown'];
            self::assertSame(1, count(array_keys($shown, "saved $round", true)), "round $round: shown by the page");
            foreach ($responses as $response) {
                self::said($response);
            }
            $later = self::said($visitor->get('/notices.php?show=messages,errors,warnings'))['shown'];
            $all = [...$shown, ...$later];
            sort($all);
            $expected = ["saved $round"];
            for ($n = 2; $n < self::TOGETHER; $n += 3) {
                $expected[] = "failed $round.$n";
            }
            sort($expected);
            self::assertSame($expected, $all, "round $round: each notice once");
            self::assertSame([], self::said($visitor->get('/notices.php?show=messages,errors,warnings'))['shown']);
        }
        $data = self::said($visitor->get('/read.php'))['data'];
        for ($n = 1; $n < self::TOGETHER; $n += 3) {
            self::assertArrayHasKey("key$n", $data, 'what the others wrote is there');
        }
    }

    public function testS42OfTwentyPagesAtOnceOneShowsEach(): void
    {
        $rounds = (int) (getenv('HOLDFAST_ROUNDS') ?: 25);
        $visitor = self::visitor();
        for ($round = 0; $round < $rounds; ++$round) {
            self::said($visitor->get('/notices.php?message[]=a&message[]=b&error[]=c'));
            $all = [];
            foreach ($visitor->getTogether(array_fill(0, self::TOGETHER, '/notices.php?show=messages,errors')) as $response) {
                array_push($all, ...self::said($response)['shown']);
            }
            sort($all);
            self::assertSame(['a', 'b', 'c'], $all, "round $round");
        }
    }

    public function testS42WhatIsQueuedWhileOthersShowIsShownOnceToo(): void
    {
        $rounds = (int) (getenv('HOLDFAST_ROUNDS') ?: 25);
        $visitor = self::visitor();
        self::said($visitor->get('/notices.php?set=begun'));
        for ($round = 0; $round < $rounds; ++$round) {
            $paths = $expected = [];
            for ($n = 0; $n < self::TOGETHER; ++$n) {
                $paths[] = $n % 2 === 0 ? "/notices.php?message[]=$n" : '/notices.php?show=messages';
                if ($n % 2 === 0) {
                    $expected[] = (string) $n;
                }
            }
            $all = [];
            foreach ([...$visitor->getTogether($paths), $visitor->get('/notices.php?show=messages')] as $response) {
                array_push($all, ...self::said($response)['shown']);
            }
            sort($all);
            sort($expected);
            self::assertSame($expected, $all, "round $round");
        }
    }

    /** @dataProvider servers */
    public function testS42AChainOfRedirectsKeepsAllOfThem(string $server): void
    {
        $visitor = new Browser(self::site($server)->url());
        $path = '/notices.php?message[]=one&error[]=bad&redirect='
            . rawurlencode('/notices.php?message[]=two&redirect=' . rawurlencode('/notices.php?redirect='
            . rawurlencode('/notices.php?show=messages,errors')));
        for ($redirects = 0; ($response = $visitor->get($path))->status === 302; ++$redirects) {
            [$path] = $response->header('Location');
        }
        self::assertSame(3, $redirects);
        self::assertSame(['one', 'two', 'bad'], self::said($response)['shown']);
        self::assertSame([], self::said($visitor->get('/notices.php?show=messages,errors'))['shown']);
    }

    /** A request that read the session before the notice was shown, and saves it afterwards. */
    public function testS42ARequestThatEndsLaterDoesNotBringAShownNoticeBack(): void
    {
        $shown = $this->besideAPage('&set=late&message[]=of+its+own', '/notices.php?show=messages');
        self::assertSame(['saved'], $shown['page']);
        self::assertSame(['of its own'], $shown['later']);
        self::assertArrayHasKey('late', $shown['data']);
    }

    public function testS42ARequestThatEndsLaterDoesNotShowItAgain(): void
    {
        $shown = $this->besideAPage('&show=messages', '/notices.php?show=messages');
        self::assertSame(['saved'], $shown['page']);
        self::assertSame([], $shown['other']);
        self::assertSame([], $shown['later']);
    }

    public function testS42WhatIsQueuedWhileAllAreClearedStays(): void
    {
        foreach (['clearNotices', 'removeNotices'] as $clear) {
            $shown = $this->besideAPage('&message[]=of+its+own', "/notices.php?clear=$clear");
            self::assertSame(['of its own'], $shown['later'], $clear);
        }
    }

    /** The session ended meanwhile, and its notices with it: a page that shows none is right. */
    public function testS42APageOfASessionThatAnotherRequestEndsShowsNothing(): void
    {
        $shown = $this->besideAPage('&show=messages', '/steps.php?do=destroy');
        self::assertSame([], $shown['other']);
        self::assertSame([], $shown['later']);
    }

    /**
     * One request loads the session, with the notice "saved" in it; then the page comes; then the request goes on.
     *
     * @return array{page: list<string>, other: list<string>, later: list<string>, data: array<string, mixed>}
     */
    private function besideAPage(string $request, string $page): array
    {
        $directory = new TemporaryDirectory();
        try {
            $visitor = self::visitor();
            self::said($visitor->get('/notices.php?message[]=saved'));
            $cookie = $visitor->cookieHeader(new Request('/'));
            [$begun, $until] = [rawurlencode("$directory->path/begun"), "$directory->path/until"];
            $answers = [];
            $other = static function () use ($visitor, $request, $begun, $until, $cookie, &$answers): iterable {
                $path = "/notices.php?begun=$begun&until=" . rawurlencode($until) . $request;
                $answers['other'] = yield [$visitor, new Request($path, cookieHeader: $cookie)];
            };
            $pages = static function () use ($visitor, $page, $begun, $until, $cookie, &$answers): iterable {
                yield [$visitor, new Request("/notices.php?after=$begun")];
                $answers['page'] = yield [$visitor, new Request($page, cookieHeader: $cookie)];
                touch($until);
            };
            Crowd::run([$other(), $pages()]);
            return [
                'page' => self::said($answers['page'])['shown'] ?? [],
                'other' => self::said($answers['other'])['shown'],
                'later' => self::said($visitor->get('/notices.php?show=messages,errors,warnings'))['shown'],
                'data' => self::said($visitor->get('/read.php'))['data'],
            ];
        } finally {
            $directory->remove();
        }
    }
}
