<?php

declare(strict_types=1);

namespace Holdfast\Tests\SaveHandler;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\Crowd;
use Holdfast\Tests\Browser\Request;
use Holdfast\Tests\Browser\Response;

/**
 * S09: destroying is final, whatever was running. S10: a request that waited meanwhile sees an empty session.
 *
 * HOLDFAST_ROUNDS=1000 sets the number of rounds.
 */
final class FinalityTest extends HandlerTestCase
{
    private const QUEUED = 6;

    /** @dataProvider endings */
    public function testARunningRequestDoesNotBringTheSessionBack(string $ending): void
    {
        $rounds = (int) (getenv('HOLDFAST_ROUNDS') ?: 50);
        $resurrections = 0;
        for ($round = 0; $round < $rounds; ++$round) {
            $resurrections += (int) $this->isResurrected($ending, $round);
        }
        self::assertSame(0, $resurrections, "of $rounds sessions");
    }

    /** @return array<string, array{string}> */
    public static function endings(): array
    {
        return [
            'destroyed' => ['destroy'],
            'rotated, as at a login' => ['regenerate-true'],
        ];
    }

    /** A request has read the session; the session ends; the request changes it. What does a third one see? */
    private function isResurrected(string $ending, int $round): bool
    {
        $begun = $this->signal("begun$round");
        $until = $this->signal("until$round");
        $visitor = self::visitor();
        self::show($visitor, ['set' => ['user' => 'anna']]);
        $old = $visitor->cookies['PHPSESSID'];
        $slow = new Browser(self::fpm()->url());
        $slow->cookies = $visitor->cookies;

        $running = (static function () use ($slow, $begun, $until): iterable {
            $page = ['begun' => $begun, 'until' => $until, 'last' => '{"user":"anna","late":true}'];
            /** @var Response $response */
            $response = yield [$slow, new Request(self::page($page))];
            self::assertSame(['user' => 'anna'], self::calm($response)['data']);
        })();
        $isEnded = false;
        Crowd::run([$running], static function () use ($visitor, $ending, $begun, $until, &$isEnded): void {
            clearstatcache();
            if (!$isEnded && file_exists($begun)) {
                self::show($visitor, ['do' => $ending]);
                $isEnded = true;
                touch($until);
            }
        });

        $thief = self::visitor();
        $thief->cookies['PHPSESSID'] = $old;
        $found = self::show($thief);
        if ($ending === 'regenerate-true') {
            self::assertSame(['user' => 'anna'], self::show($visitor)['data'], 'the owner goes on');
        }
        return $found['data'] !== [] || $found['id'] === $old;
    }

    /** An id that the application chooses may begin anew; a request from the time before has no part in that. */
    public function testARunningRequestDoesNotReachTheNextSessionOfAChosenId(): void
    {
        foreach (['holdfast', 'php'] as $serializer) {
            $chosen = ['id' => "anna-$serializer", 'ini' => ['session.serialize_handler' => $serializer, 'holdfast.locking' => 'off']];
            [$begun, $until] = [$this->signal("begun $serializer"), $this->signal("until $serializer")];
            self::show(self::visitor(), $chosen + ['set' => ['user' => 'anna', 'secret' => 1]]);
            $running = (static function () use ($chosen, $begun, $until): iterable {
                $page = $chosen + ['begun' => $begun, 'until' => $until, 'last' => '{"user":"anna","secret":1,"late":true}'];
                yield [self::visitor(), new Request(self::page($page))];
            })();
            $isEnded = false;
            Crowd::run([$running], static function () use ($chosen, $begun, $until, &$isEnded): void {
                clearstatcache();
                if (!$isEnded && file_exists($begun)) {
                    self::show(self::visitor(), $chosen + ['do' => 'destroy']);
                    self::show(self::visitor(), $chosen + ['set' => ['user' => 'ben']]);
                    $isEnded = true;
                    touch($until);
                }
            });
            self::assertSame(['user' => 'ben'], self::show(self::visitor(), $chosen)['data'], $serializer);
        }
    }

    /** With one of PHP's own serializers the session lock makes requests wait for each other. */
    public function testRequestsThatWaitedSeeAnEmptySession(): void
    {
        $ini = ['ini' => ['session.serialize_handler' => 'php']];
        $rounds = (int) (getenv('HOLDFAST_ROUNDS') ?: 10);
        for ($round = 0; $round < $rounds; ++$round) {
            $begun = $this->signal("begun$round");
            $until = $this->signal("until$round");
            $visitor = self::visitor();
            self::show($visitor, $ini + ['set' => ['user' => 'anna']]);
            $cookies = $visitor->cookies;

            $visits = [(static function () use ($visitor, $ini, $begun, $until): iterable {
                yield [$visitor, new Request(self::page($ini + ['begun' => $begun, 'until' => $until, 'do' => 'destroy']))];
            })()];
            $seen = [];
            for ($n = 0; $n < self::QUEUED; ++$n) {
                $visits[] = $this->queued($cookies, $ini, $begun, $this->signal("coming$round-$n"), $seen);
            }
            $coming = $this->signal("coming$round-");
            Crowd::run($visits, static function () use ($coming, $until): void {
                // All have come, and wait for the lock; those that do not have read it already.
                if (count(glob("$coming*") ?: []) === self::QUEUED) {
                    touch($until);
                }
            });
            self::assertSame(array_fill(0, self::QUEUED, []), $seen, "round $round");
        }
    }

    /**
     * @param array<string, string> $cookies
     * @param array<string, mixed> $ini
     * @param list<array<string, mixed>> $seen
     */
    private function queued(array $cookies, array $ini, string $begun, string $coming, array &$seen): iterable
    {
        $browser = self::visitor();
        $browser->cookies = $cookies;
        // The page that destroys the session has the lock when the others come.
        /** @var Response $response */
        $response = yield [$browser, new Request(self::page($ini + ['coming' => $coming, 'after' => $begun]))];
        $seen[] = self::calm($response)['data'];
    }
}
