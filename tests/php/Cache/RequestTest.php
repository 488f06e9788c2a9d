<?php

declare(strict_types=1);

namespace Holdfast\Tests\Cache;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Server\SiteTestCase;

/**
 * Issue 5: the cache is for one request, also where a worker serves many.
 */
final class RequestTest extends SiteTestCase
{
    /** @dataProvider servers */
    public function testAWorkersNextRequestFindsNothing(string $server): void
    {
        $visitor = new Browser(self::site($server)->url());
        $workers = [];
        for ($request = 1; $request <= 40; ++$request) {
            $said = self::said($visitor->get('/cache.php'));
            self::assertSame(['before' => [], 'after' => 2, 'destroyed' => $request - 1], array_diff_key($said, ['worker' => 0]));
            $workers[] = $said['worker'];
        }
        self::assertLessThan(40, count(array_unique($workers)), 'a worker served two of them');
    }

    public function testAVisitorGetsNoSessionByIt(): void
    {
        $response = self::visitor()->get('/cache.php?only=1');
        self::assertSame(2, self::said($response)['after']);
        self::assertSame([], $response->cookies());
    }
}
