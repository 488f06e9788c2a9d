<?php

declare(strict_types=1);

namespace Holdfast\Tests\Audit;

/**
 * S45, S22: what a visitor brings and is refused is an event, with its reason, once for a request.
 */
final class RefusalsTest extends AuditTestCase
{
    /** @dataProvider texts */
    public function testACookieThatIsNoIdOfOurs(string $cookie, string $text, ?string $reason): void
    {
        self::log()->news();
        self::visitWith("$cookie=$text", $cookie, $cookie === self::CLASS_COOKIE ? 'read,close,start,read' : 'close,start');
        $event = ['event' => 'reject', 'reason' => $reason];
        if ($reason === 'foreign') {
            $event['session'] = AuditLog::name($cookie, $text);
        }
        self::assertEvents($reason === null ? [] : [$event], $cookie, $text);
    }

    /** @return iterable<string, array{string, string, string|null}> */
    public static function texts(): iterable
    {
        $texts = [
            'empty' => ['', null],
            'a word' => ['hunter2', 'malformed'],
            'as PHP makes them' => ['0123456789abcdef0123456789abcdef', 'malformed'],
            'another alphabet' => [str_repeat('A', 42) . '.', 'malformed'],
            'four kilobytes' => [str_repeat('a', 4096), 'malformed'],
            'chosen, in the right form' => [str_repeat('A', 43), 'foreign'],
        ];
        foreach (self::faces() as $face => [$cookie]) {
            foreach ($texts as $name => [$text, $reason]) {
                yield "$name, $face" => [$cookie, $text, $reason];
            }
        }
    }

    /** S24: an id of one cookie in another. The log gives it the name that it would have there. */
    public function testAnIdOfAnotherCookie(): void
    {
        $visitor = self::visitor();
        self::visit($visitor, self::CLASS_COOKIE, 'set');
        $id = $visitor->cookies[self::CLASS_COOKIE];
        self::log()->news();
        $cookie = self::HANDLER_COOKIE;
        self::visitWith("$cookie=$id", $cookie, 'read');
        $name = AuditLog::name($cookie, $id);
        self::assertEvents([['event' => 'reject', 'reason' => 'foreign', 'session' => $name]], $cookie);
    }

    /**
     * S22: whichever comes first.
     *
     * @dataProvider faces
     */
    public function testDuplicateCookiesAreAnEvent(string $cookie): void
    {
        $ids = [];
        foreach (['one', 'two'] as $who) {
            $visitor = self::visitor();
            self::visit($visitor, $cookie, 'set');
            $ids[] = $visitor->cookies[$cookie];
        }
        [$one, $two] = $ids;
        self::log()->news();
        foreach ([[$one, $two], [$two, $one]] as [$first, $second]) {
            self::visitWith("$cookie=$first; $cookie=$second", $cookie, 'read');
            $name = AuditLog::name($cookie, $first);
            self::assertEvents([['event' => 'reject', 'reason' => 'duplicate', 'session' => $name]], $cookie);
        }
        self::visitWith("$cookie=$one; other=1; $cookie=$one", $cookie, 'read');
        self::assertEvents([], $cookie, 'twice the same');
        self::visitWith("$cookie=$one; {$cookie}x=$two; x$cookie=$two", $cookie, 'read');
        self::assertEvents([], $cookie, 'other names');

        self::visitWith("$cookie=hunter2; $cookie=hunter3", $cookie, 'read');
        self::assertEvents(
            [['event' => 'reject', 'reason' => 'duplicate'], ['event' => 'reject', 'reason' => 'malformed']],
            $cookie
        );
    }

    /** An id of ours under which nothing is: `Session` refuses it, `$_SESSION` goes on under it, as PHP has sent it. */
    public function testAnIdWithoutASession(): void
    {
        $visitor = self::visitor();
        self::visit($visitor, self::CLASS_COOKIE, 'set', ['lifetime' => 1]);
        $id = $visitor->cookies[self::CLASS_COOKIE];
        $name = AuditLog::name(self::CLASS_COOKIE, $id);
        $over = microtime(true) + 1.1;
        \Holdfast\Tests\Wait::until(static fn (): bool => microtime(true) > $over, 'its life is over', static fn (): string => '');
        self::log()->news();
        self::visitWith(self::CLASS_COOKIE . "=$id", self::CLASS_COOKIE, 'read,close,start,read');
        self::assertEvents([['event' => 'reject', 'reason' => 'unknown', 'session' => $name]], self::CLASS_COOKIE);

        $visitor = self::visitor();
        self::visit($visitor, self::HANDLER_COOKIE, 'read');
        self::assertArrayHasKey(self::HANDLER_COOKIE, $visitor->cookies);
        self::visit($visitor, self::HANDLER_COOKIE, 'read');
        self::assertEvents([], self::HANDLER_COOKIE);
    }

    /** What the application chooses itself is nothing that a visitor brings. */
    public function testAnIdThatTheApplicationChooses(): void
    {
        self::log()->news();
        $response = self::visitor()->get('/show.php?id=anna&set=' . rawurlencode('{"n":1}'));
        self::said($response);
        $events = self::log()->news();
        self::assertSame(['create/chosen_id'], AuditLog::words($events));
        self::assertMatchesRegularExpression('/^[0-9a-f]{16}$/D', $events[0]['session']);
        self::visitWith('PHPSESSID=anna', self::HANDLER_COOKIE, 'read');
        self::assertEvents([], self::HANDLER_COOKIE);
    }
}
