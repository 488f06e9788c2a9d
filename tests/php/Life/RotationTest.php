<?php

declare(strict_types=1);

namespace Holdfast\Tests\Life;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\Crowd;
use Holdfast\Tests\Browser\Request;
use Holdfast\Tests\Browser\Response;
use Holdfast\Tests\Server\SiteTestCase;

/**
 * S07: parallel requests with an id that is being rotated are one visitor's, with one new id; nobody is logged out.
 * S05, S08: without grace, whoever has the id from before has nothing.
 */
final class RotationTest extends SiteTestCase
{
    private const TOGETHER = 20;
    private const ROUNDS = 20;

    public function testS07ParallelRequestsWithTheOldIdHaveOneNewId(): void
    {
        $visitor = self::visitor();
        $old = self::said($visitor->get('/count.php'))['id'];
        $new = self::said($visitor->get('/steps.php?do=regenerate'))['id'];
        foreach ($this->together('/read.php', $old) as $response) {
            self::assertSame(['data' => ['views' => 1], 'id' => $new], array_intersect_key(self::said($response), ['data' => 1, 'id' => 1]));
            self::assertSame([$new], array_map(static fn ($cookie): string => $cookie->value, $response->cookies()));
        }
    }

    public function testS07WhenAllOfThemRotateThereIsOneNewIdToo(): void
    {
        for ($round = 0; $round < self::ROUNDS; ++$round) {
            $visitor = self::visitor();
            $old = self::said($visitor->get('/count.php'))['id'];
            $ids = [];
            foreach ($this->together('/steps.php?do=regenerate', $old) as $response) {
                $said = self::said($response);
                self::assertSame(['views' => 1], $said['data']);
                self::assertCount(1, $response->cookies());
                $ids[] = $said['id'];
            }
            self::assertCount(1, array_unique($ids), 'one new id');
            self::assertNotContains($old, $ids);
        }
    }

    public function testS08WithoutGraceTheIdFromBeforeIsWorthNothing(): void
    {
        $options = '&options=' . urlencode((string) json_encode(['rotation_grace' => 0]));
        $victim = self::visitor();
        $known = self::said($victim->get('/count.php'))['id'];
        self::said($victim->get("/steps.php?do=regenerate,set$options"));
        foreach ($this->together('/read.php', $known) as $response) {
            self::assertSame([], self::said($response)['data']);
        }
        self::assertSame(['views' => 1, 'set' => true], self::said($victim->get('/read.php'))['data']);
    }

    /** @return list<Response> the answers to as many requests at once, each with this id */
    private function together(string $path, string $id): array
    {
        $answers = [];
        $ask = static function () use ($path, $id, &$answers): iterable {
            $request = new Request($path, cookieHeader: "holdfast=$id");
            $answers[] = yield [new Browser(self::fpm()->url()), $request];
        };
        Crowd::run(array_map(static fn (): \Generator => $ask(), range(1, self::TOGETHER)));
        return $answers;
    }
}
