<?php

declare(strict_types=1);

namespace Holdfast\Tests\Demo;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\Response;
use PHPUnit\Framework\TestCase;

/**
 * Issue 3: the demo's page "Parallel" shows eight parallel requests of one visitor, and what was kept.
 */
final class ParallelPageTest extends TestCase
{
    private const ROUNDS = 5;

    private DemoShop $shop;

    protected function setUp(): void
    {
        $this->shop = new DemoShop();
    }

    protected function tearDown(): void
    {
        $this->shop->stop();
    }

    public function testSideBySideEverythingIsKept(): void
    {
        $visitor = new Browser($this->shop->url());
        $requests = 0;
        $mostWorkers = 0;
        for ($round = 0; $round < self::ROUNDS; ++$round) {
            $times = $this->run8($visitor, 'off');
            $requests += 1 + 2 + 8 + 1;
            // Rarely one worker of the built-in server takes all connections that come at the same moment.
            $workers = count(array_unique(array_column($times, 'worker')));
            $mostWorkers = max($mostWorkers, $workers);
            $wall = max(array_column($times, 'ended')) - min(array_column($times, 'began'));
            if ($workers > 1) {
                self::assertLessThan($this->work($times), $wall);
            }
        }
        self::assertGreaterThan(1, $mostWorkers);
        // The shop's own count of requests, which the parallel ones added to as well.
        $page = $visitor->get('/session')->body;
        self::assertStringContainsString('request <b>' . ($requests + 1) . '</b>', $page);
    }

    public function testWithLockingOnTheyRunOneAfterTheOtherAndEverythingIsKept(): void
    {
        $times = $this->run8(new Browser($this->shop->url()), 'on');
        usort($times, fn (array $one, array $other): int => $one['began'] <=> $other['began']);
        for ($at = 1; $at < 8; ++$at) {
            self::assertGreaterThanOrEqual($times[$at - 1]['ended'], $times[$at]['began']);
        }
    }

    public function testOnlyRequestsOfTheRunTakePart(): void
    {
        $visitor = new Browser($this->shop->url());
        $begun = $this->begin($visitor, 'off');
        parse_str((string) parse_url($begun->header('Location')[0], PHP_URL_QUERY), $query);
        $address = "/parallel/2?locking=off&run={$query['run']}";

        self::assertSame(409, $visitor->get('/parallel/2?locking=off')->status);
        self::assertSame(409, $visitor->get('/parallel/2?locking=off&run=' . str_repeat('0', 16))->status);
        self::assertSame(409, (new Browser($this->shop->url()))->get($address)->status, 'another visitor');
        self::assertTrue($visitor->get($address)->isAcknowledged());
        self::assertSame(409, $visitor->get($address)->status, 'the same request again');
        self::assertSame(4, substr_count($visitor->get('/parallel')->body, '<dd>1 of 8</dd>'));
    }

    public function testScriptsAreAllowedOnThisPageOnly(): void
    {
        $visitor = new Browser($this->shop->url());
        $policy = fn (string $path): string => $visitor->get($path)->header('Content-Security-Policy')[0];
        self::assertStringContainsString("script-src 'self'; connect-src 'self'", $policy('/parallel'));
        foreach (['/', '/cart', '/session', '/parallel/1', '/nowhere'] as $path) {
            self::assertStringNotContainsString('script-src', $policy($path));
        }
    }

    /**
     * Presses the button of a browser without scripts, and looks at what was kept.
     *
     * @return list<array<string, int>> what the eight requests say of their times
     */
    private function run8(Browser $visitor, string $locking): array
    {
        $begun = $this->begin($visitor, $locking);
        self::assertSame(303, $begun->status, (string) $begun);
        $page = $visitor->get($begun->header('Location')[0]);
        self::assertSame(['0; url=/parallel'], $page->header('Refresh'), (string) $page);
        preg_match_all('~<img src="([^"]+)"~', $page->body, $images);
        self::assertCount(8, $images[1]);

        $answers = $visitor->getTogether(array_map('html_entity_decode', $images[1]));
        $times = array_map(function (Response $answer): array {
            self::assertTrue($answer->isAcknowledged(), $answer . $this->shop->log());
            return json_decode($answer->body, true, flags: JSON_THROW_ON_ERROR);
        }, $answers);

        [, $off, $on] = preg_split('~<div id="run-~', $visitor->get('/parallel')->body);
        $result = $locking === 'on' ? $on : $off;
        self::assertSame(4, substr_count($result, '<dd>8 of 8</dd>'), $result);
        return $times;
    }

    private function begin(Browser $visitor, string $locking): Response
    {
        $token = FormToken::on($visitor->get('/parallel'));
        return $visitor->post('/parallel', ['locking' => $locking, ...$token]);
    }

    /** @param list<array<string, int>> $times */
    private function work(array $times): int
    {
        return array_sum(array_column($times, 'ended')) - array_sum(array_column($times, 'began'));
    }
}
