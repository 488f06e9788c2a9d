<?php

declare(strict_types=1);

namespace Holdfast\Tests\ProcessWireModule;

use Generator;
use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\Crowd;
use Holdfast\Tests\Browser\Request;
use Holdfast\Tests\Browser\Response;
use Holdfast\Tests\TemporaryDirectory;

/**
 * Requests of one visitor at the same time: all that ProcessWire keeps in the session stands below one key of $_SESSION.
 *
 * HOLDFAST_VIEWS=100000 sets the number of page views, HOLDFAST_TIMES=1 tells times.
 */
final class ParallelTest extends ModuleTestCase
{
    private const PARALLEL = 8;

    private TemporaryDirectory $signals;

    public static function setUpBeforeClass(): void
    {
        parent::setUpBeforeClass();
        self::adminWithModule();
        self::site()->addPage('desk', (string) file_get_contents(__DIR__ . '/templates/desk.php'));
        for ($n = 0; $n < self::PARALLEL; ++$n) {
            self::site()->addUser("user$n");
        }
    }

    protected function setUp(): void
    {
        $this->signals = new TemporaryDirectory();
    }

    protected function tearDown(): void
    {
        $this->signals->remove();
    }

    /** None of them answers before all have read the session. */
    public function testEightRequestsOfAMemberRunAtOnceAndKeepEightChanges(): void
    {
        $member = self::member('user0');
        $members = array_fill(0, self::PARALLEL, $member);
        $meeting = 0;
        $come = function () use (&$meeting): void {
            if (count(glob("{$this->signals->path}/begun*") ?: []) === self::PARALLEL) {
                ++$meeting;
                touch("{$this->signals->path}/until");
            }
        };
        $said = $this->together($members, fn (int $n): string => '/desk/?' . http_build_query([
            'begun' => "{$this->signals->path}/begun$n", 'until' => "{$this->signals->path}/until", 'set' => "change$n",
        ]), $come);
        self::assertGreaterThan(0, $meeting, 'all have read the session before one went on');
        self::assertSame(array_fill(0, self::PARALLEL, 'user0'), array_column($said, 'user'));
        $kept = self::said($member->get('/desk/'))['work'];
        ksort($kept);
        self::assertSame(array_map(static fn (int $n): string => "change$n", range(0, self::PARALLEL - 1)), array_keys($kept));
    }

    /** How long eight requests of 200 ms take is told, not asserted: it depends on what else the machine does. */
    public function testEightRequestsOf200MillisecondsKeepEightChangesInEachRound(): void
    {
        $member = self::member('user0');
        $members = array_fill(0, self::PARALLEL, $member);
        $times = [];
        for ($round = 0; $round < 10; ++$round) {
            $start = hrtime(true);
            $said = $this->together($members, static fn (int $n): string => "/desk/?wait=200&set=r$round-$n");
            $times[] = (int) ((hrtime(true) - $start) / 1e6);
            self::assertSame(array_fill(0, self::PARALLEL, 'user0'), array_column($said, 'user'));
            $kept = array_keys(self::said($member->get('/desk/'))['work']);
            self::assertCount(self::PARALLEL, preg_grep("/^r$round-/", $kept), implode(' ', $kept));
        }
        if (getenv('HOLDFAST_TIMES') !== false) {
            sort($times);
            fwrite(STDERR, "\n8 requests of 200 ms of a member of ProcessWire, 10 rounds: " . implode(', ', $times) . " ms\n");
        }
    }

    public function testASingleUseTokenThatWasUsedIsNeverValidAgain(): void
    {
        $member = self::member('user1');
        $token = self::said($member->get('/desk/?do=token&id=order'))['result'];
        self::said($member->get('/desk/?do=token&id=other'));
        $use = ['do' => 'use', 'id' => 'order'];
        $said = $this->whileOneWaits(
            $member,
            // It read the session with the token, and makes and removes tokens of its own.
            ['do' => 'token', 'id' => 'third'],
            static fn (): array => self::said($member->post('/desk/?' . http_build_query($use), [$token['name'] => $token['value']]))
        );
        self::assertTrue($said['result'], 'the first use');
        self::assertFalse(self::said($member->post('/desk/?' . http_build_query($use), [$token['name'] => $token['value']]))['result']);
        $kept = self::said($member->get('/desk/'))['seen']['SessionCSRF'];
        self::assertNotContains($token['value'], $kept);
        self::assertArrayNotHasKey($token['name'], $kept['singles']);
        self::assertArrayHasKey('nameother', $kept);
        self::assertArrayHasKey('namethird', $kept);
        self::assertCount(2, $kept['singles'], 'the others are there');
    }

    public function testALogoutIsNotUndoneByARequestThatIsRunning(): void
    {
        $member = self::member('user2');
        $cookies = $member->browser->cookies;
        $this->whileOneWaits($member, ['set' => 'late'], static fn (): array => self::said($member->get('/desk/?do=logout')));
        $thief = self::visitor();
        $thief->browser->cookies = $cookies;
        self::assertSame(['guest', []], [self::said($thief->get('/desk/'))['user'], self::said($thief->get('/desk/'))['work']]);
        self::assertSame('guest', self::said($member->get('/desk/'))['user']);
    }

    public function testNoticesThatWereShownStayAway(): void
    {
        $member = self::member('user3');
        self::said($member->get('/desk/?notice=hello'));
        self::assertStringContainsString('hello', json_encode(self::said($member->get('/desk/?notice=again'))['seen']['_notices']));
        $shown = $this->whileOneWaits(
            $member,
            ['set' => 'other'],
            static fn (): array => [$member->page(ProcessWireSite::BACK . 'profile/')->body]
        );
        self::assertStringNotContainsString('hello', json_encode(self::said($member->get('/desk/'))['seen']['_notices'] ?? []));
        self::assertStringNotContainsString('hello', $member->page(ProcessWireSite::BACK . 'profile/')->body, $shown[0]);
    }

    /** A page that was asked for before the login, and comes after it, sends no cookie that would end the login. */
    public function testALoginStaysBesidePagesThatWereAskedForBefore(): void
    {
        $visitor = self::visitor();
        self::said($visitor->get('/desk/?set=guest'));
        $late = self::visitor();
        $late->browser->cookies = $visitor->browser->cookies;
        self::assertTrue(self::said($visitor->get('/desk/?do=login&name=user4&pass=' . urlencode(ProcessWireSite::PASSWORD)))['result']);
        $answer = $late->get('/desk/?set=poll');
        self::assertSame('guest', self::said($answer)['user']);
        self::assertSame([], $answer->cookies(), (string) $answer);
        self::assertSame('user4', self::said($visitor->get('/desk/'))['user']);
    }

    public function testNobodyIsLoggedOutByMistakeAndNobodyStaysIn(): void
    {
        $wanted = (int) (getenv('HOLDFAST_VIEWS') ?: 1000);
        $crowd = [];
        $views = 0;
        $mistakes = [];
        $changes = 0;
        for ($n = 0; $n < self::PARALLEL; ++$n) {
            $commuter = new Commuter(self::visitor(), "user$n", ProcessWireSite::PASSWORD);
            $crowd[] = $commuter->comeAndGo($views, $wanted, $changes, $mistakes);
            $crowd[] = $commuter->poll($views, $wanted, $mistakes);
        }
        Crowd::run($crowd);
        self::assertSame([], array_slice($mistakes, 0, 5), count($mistakes) . " of $views");
        self::assertGreaterThanOrEqual($wanted, $views);
        self::assertGreaterThan(2 * self::PARALLEL, $changes, 'logins and logouts');
    }

    /**
     * @param list<Visitor> $visitors
     * @param callable(int): string $path
     * @param callable(): void|null $meanwhile
     * @return list<array<string, mixed>> what the page said to each
     */
    private function together(array $visitors, callable $path, ?callable $meanwhile = null): array
    {
        $said = [];
        $ask = static function (int $n) use ($visitors, $path, &$said): Generator {
            $said[$n] = self::said(yield [$visitors[$n]->browser, $visitors[$n]->request($path($n))]);
        };
        Crowd::run(array_map($ask, array_keys($visitors)), $meanwhile);
        ksort($said);
        return $said;
    }

    /**
     * A request has read the session and waits; something else is done; the request does what it should and ends.
     *
     * @param array<string, string> $waiting
     * @template T
     * @param callable(): T $meanwhile
     * @return T
     */
    private function whileOneWaits(Visitor $visitor, array $waiting, callable $meanwhile): mixed
    {
        [$begun, $until] = [$this->signals->path . '/begun', $this->signals->path . '/until'];
        // A browser takes no cookie of an answer that comes when it has another already: this one is asked to change none.
        $other = self::visitor();
        $other->browser->cookies = $visitor->browser->cookies;
        $result = null;
        $ask = static function () use ($other, $waiting, $begun, $until): Generator {
            self::said(yield [$other->browser, $other->request('/desk/?' . http_build_query($waiting + ['begun' => $begun, 'until' => $until]))]);
        };
        $isDone = false;
        Crowd::run([$ask()], static function () use ($begun, $until, $meanwhile, &$isDone, &$result): void {
            clearstatcache();
            if (!$isDone && file_exists($begun)) {
                $isDone = true;
                $result = $meanwhile();
                touch($until);
            }
        });
        self::assertTrue($isDone);
        unlink($begun);
        unlink($until);
        return $result;
    }
}
