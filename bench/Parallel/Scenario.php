<?php

declare(strict_types=1);

namespace Holdfast\Bench\Parallel;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\Response;
use UnexpectedValueException;

/**
 * A new visitor looks at one page, and then at eight at once. Before, another visitor looks at one page, and then at one.
 */
final class Scenario
{
    public const REQUESTS = 8;

    /** How long each page works between opening the session and changing it. */
    public const HOLD_MILLISECONDS = 200;

    /** The directory of its pages. */
    public const PAGES = __DIR__ . '/pages';

    /**
     * Plays it once.
     *
     * @throws UnexpectedValueException when a page is not answered: what was kept says nothing then.
     */
    public static function play(string $siteUrl, string $face): Round
    {
        // A visitor of their own: the eight find nothing of what they change.
        [$alone] = self::timed(self::newVisitor($siteUrl, $face), $face, 1);
        $visitor = self::newVisitor($siteUrl, $face);
        [$together, $responses] = self::timed($visitor, $face, self::REQUESTS);

        $notOpened = count(array_filter($responses, static fn (Response $one): bool => !self::said($one)['opened']));
        return self::kept($together, $alone, $notOpened, self::said($visitor->get("/show.php?face=$face"))['data']);
    }

    private static function newVisitor(string $siteUrl, string $face): Browser
    {
        $visitor = new Browser($siteUrl);
        self::said($visitor->get("/begin.php?face=$face"));
        return $visitor;
    }

    /** @return array{float, list<Response>} the seconds from the first request to the last answer, and the answers */
    private static function timed(Browser $visitor, string $face, int $requests): array
    {
        $hold = self::HOLD_MILLISECONDS;
        $paths = array_map(static fn (int $n): string => "/change.php?face=$face&n=$n&hold=$hold", range(0, $requests - 1));
        $began = hrtime(true);
        $responses = $visitor->getTogether($paths);
        return [(hrtime(true) - $began) / 1e9, $responses];
    }

    /** @param array<string, mixed> $data */
    private static function kept(float $together, float $alone, int $notOpened, array $data): Round
    {
        $expected = range(0, self::REQUESTS - 1);
        $has = static fn (array $in, string $prefix): int =>
            count(array_filter($expected, static fn (int $n): bool => ($in[$prefix . $n] ?? null) === $n));
        $list = $data['list'] ?? [];
        $items = count(array_intersect($expected, $list));
        return new Round(
            $together,
            $alone,
            $has($data, 'key'),
            $has($data['shop']['cart']['items'] ?? [], 'deep'),
            $items,
            $data['counter'] ?? 0,
            count($list) - $items,
            $notOpened,
        );
    }

    /** @return array<string, mixed> what a page says in JSON */
    private static function said(Response $response): array
    {
        $said = json_decode($response->body, true);
        if (!$response->isAcknowledged() || !is_array($said)) {
            throw new UnexpectedValueException("A page was not answered as it should be: $response");
        }
        return $said;
    }
}
