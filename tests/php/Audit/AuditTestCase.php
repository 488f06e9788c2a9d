<?php

declare(strict_types=1);

namespace Holdfast\Tests\Audit;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\Request;
use Holdfast\Tests\Browser\Response;
use Holdfast\Tests\Server\SiteTestCase;

/**
 * Tests over a site with an audit log, on which both faces are used: `Session` and `$_SESSION`.
 */
abstract class AuditTestCase extends SiteTestCase
{
    use WithAuditLog;

    protected const CLASS_COOKIE = 'holdfast';
    protected const HANDLER_COOKIE = 'PHPSESSID';

    protected static function settings(): array
    {
        return [
            'holdfast.audit' => self::log()->path,
            'session.save_handler' => 'holdfast',
            'session.serialize_handler' => 'holdfast',
            'session.gc_probability' => 0,
        ];
    }

    /** @return array<string, array{string}> the cookies of both faces */
    public static function faces(): array
    {
        return ['Session' => [self::CLASS_COOKIE], '$_SESSION' => [self::HANDLER_COOKIE]];
    }

    /** The page that does these steps with the face of a cookie; 'set' stores something. */
    protected static function page(string $cookie, string $steps, array $options = []): string
    {
        if ($cookie === self::CLASS_COOKIE) {
            return '/steps.php?' . http_build_query(['do' => $steps, 'options' => json_encode((object) $options)]);
        }
        $steps = explode(',', $steps);
        $set = in_array('set', $steps, true) ? ['set' => '{"set":true}'] : [];
        $calls = ['regenerate' => 'regenerate-true', 'regenerate-and-keep' => 'regenerate'];
        $steps = array_map(static fn (string $step): string => $calls[$step] ?? $step, array_diff($steps, ['set', 'read']));
        return '/show.php?' . http_build_query($set + ['do' => implode(',', $steps), 'ini' => $options]);
    }

    /** @param array<string, mixed> $options */
    protected static function visit(Browser $visitor, string $cookie, string $steps, array $options = []): Response
    {
        $response = $visitor->get(self::page($cookie, $steps, $options));
        self::said($response);
        return $response;
    }

    /** @param array<string, mixed> $options */
    protected static function visitWith(string $header, string $cookie, string $steps, array $options = []): Response
    {
        $response = self::visitor()->getWithCookieHeader(self::page($cookie, $steps, $options), $header);
        self::said($response);
        return $response;
    }

    /**
     * The events since the last call, without their times, are these. Each has a cookie and an address, unless the
     * session was removed by the store.
     *
     * @param list<array<string, mixed>> $expected
     */
    protected static function assertEvents(array $expected, string $cookie, string $message = ''): void
    {
        $events = self::log()->news();
        foreach ($events as &$event) {
            unset($event['time']);
            if (!in_array($event['event'], ['expire', 'evict'], true)) {
                self::assertSame([$cookie, '127.0.0.1'], [$event['cookie'] ?? null, $event['address'] ?? null], $message);
                unset($event['cookie'], $event['address']);
            }
        }
        self::assertSame($expected, $events, $message);
    }

    /** @param list<mixed> ...$calls of the session's methods */
    protected static function call(Browser $visitor, array ...$calls): void
    {
        self::callWith([], $visitor, ...$calls);
    }

    /**
     * @param array<string, mixed> $options of the session
     * @param list<mixed> ...$calls
     */
    protected static function callWith(array $options, Browser $visitor, array ...$calls): void
    {
        $named = array_map(static fn (array $call): array => [array_shift($call), $call], $calls);
        self::said($visitor->send(new Request('/call.php', [
            'calls' => json_encode($named, JSON_THROW_ON_ERROR),
            'options' => json_encode((object) $options, JSON_THROW_ON_ERROR),
        ])));
    }
}
