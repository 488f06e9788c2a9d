<?php

declare(strict_types=1);

namespace Holdfast\Tests\Workers;

use Generator;
use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\Crowd;
use Holdfast\Tests\Browser\Request;
use Holdfast\Tests\Browser\Response;

/**
 * Visitors who view count.php again and again, and compare what it says with what they know.
 */
final class CountingVisitors
{
    /** @var list<string> answers that are no page, or count wrong */
    public array $failed = [];

    /** @var array<int, Browser> */
    private array $browsers = [];

    /** @var array<int, int> how many views of each visitor were acknowledged */
    private array $views = [];

    public function __construct(string $url, int $count)
    {
        for ($visitor = 0; $visitor < $count; ++$visitor) {
            $this->browsers[] = new Browser($url);
            $this->views[] = 0;
        }
    }

    /**
     * All of them view pages, in parallel, until the time is $end.
     *
     * @param callable(): void|null $meanwhile
     */
    public function goOnUntil(float $end, ?callable $meanwhile = null): void
    {
        Crowd::run(array_map(fn (int $visitor): Generator => $this->visit($visitor, $end), array_keys($this->browsers)), $meanwhile);
    }

    /** Each views one page. */
    public function viewOnce(): void
    {
        $this->goOnUntil(0.0);
    }

    /** @return list<Response> what the pages say to those who only look */
    public function look(): array
    {
        return array_map(static fn (Browser $browser): Response => $browser->get('/read.php'), $this->browsers);
    }

    /** @return list<int> */
    public function views(): array
    {
        return $this->views;
    }

    /** @return Generator<int, array{Browser, Request}, Response, void> */
    private function visit(int $visitor, float $end): Generator
    {
        do {
            /** @var Response $response */
            $response = yield [$this->browsers[$visitor], new Request('/count.php')];
            $said = json_decode($response->body, true);
            if ($response->isAcknowledged() && ($said['views'] ?? null) === $this->views[$visitor] + 1) {
                ++$this->views[$visitor];
            } else {
                $this->failed[] = (string) $response;
            }
        } while (microtime(true) < $end);
    }
}
