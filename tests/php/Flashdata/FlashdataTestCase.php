<?php

declare(strict_types=1);

namespace Holdfast\Tests\Flashdata;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\Crowd;
use Holdfast\Tests\Browser\Request;
use Holdfast\Tests\Server\SiteTestCase;
use Holdfast\Tests\TemporaryDirectory;

/**
 * Tests over a site that calls methods of the session.
 */
abstract class FlashdataTestCase extends SiteTestCase
{
    protected const SCRIPT = ['X-Requested-With' => 'XMLHttpRequest'];
    protected const FETCH = ['Sec-Fetch-Dest' => 'empty', 'Sec-Fetch-Mode' => 'cors'];

    /**
     * @param list<list<mixed>> $calls each a method with its arguments
     * @param array<string, string> $query
     * @param array<string, string> $headers
     */
    protected static function request(array $calls, array $query = [], array $headers = [], ?string $cookies = null): Request
    {
        $named = array_map(static fn (array $call): array => [array_shift($call), $call], $calls);
        $query['calls'] = json_encode($named, JSON_THROW_ON_ERROR);
        return new Request('/flash.php?' . http_build_query($query), cookieHeader: $cookies, headers: $headers);
    }

    /**
     * A request for a page.
     *
     * @param list<mixed> ...$calls
     * @return list<mixed> what each call gave
     */
    protected static function page(Browser $visitor, array ...$calls): array
    {
        return self::said($visitor->send(self::request($calls)))['results'];
    }

    /**
     * A request of a script in a page.
     *
     * @param list<mixed> ...$calls
     * @return list<mixed>
     */
    protected static function script(Browser $visitor, array ...$calls): array
    {
        return self::said($visitor->send(self::request($calls, [], self::SCRIPT)))['results'];
    }

    /**
     * One request loads the session; then others come, one after the other; then it goes on. It waits for them before its
     * first call, or at the call "wait".
     *
     * @param list<list<mixed>> $calls of the one
     * @param array<string, string> $headers of the one
     * @param list<list<mixed>> ...$meanwhile the calls of each other
     * @return array{list<mixed>, list<list<mixed>>} what the calls of the one gave, and those of the others
     */
    protected static function beside(Browser $visitor, array $calls, array $headers, array ...$meanwhile): array
    {
        if (!in_array(['wait'], $calls, true)) {
            array_unshift($calls, ['wait']);
        }
        $directory = new TemporaryDirectory();
        try {
            $cookies = $visitor->cookieHeader(new Request('/'));
            [$begun, $until] = ["$directory->path/begun", "$directory->path/until"];
            $one = null;
            $others = [];
            $slow = static function () use ($visitor, $calls, $headers, $begun, $until, $cookies, &$one): iterable {
                $one = yield [$visitor, self::request($calls, ['begun' => $begun, 'until' => $until], $headers, $cookies)];
            };
            $quick = static function () use ($visitor, $meanwhile, $begun, $until, $cookies, &$others): iterable {
                foreach ($meanwhile as $calls) {
                    $others[] = yield [$visitor, self::request($calls, ['after' => $begun], [], $cookies)];
                }
                touch($until);
            };
            Crowd::run([$slow(), $quick()]);
            self::assertNotNull($one);
            return [
                self::said($one)['results'],
                array_map(static fn ($response): array => self::said($response)['results'], $others),
            ];
        } finally {
            $directory->remove();
        }
    }
}
