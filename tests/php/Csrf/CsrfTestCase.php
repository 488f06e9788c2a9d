<?php

declare(strict_types=1);

namespace Holdfast\Tests\Csrf;

use Generator;
use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\Crowd;
use Holdfast\Tests\Browser\Request;
use Holdfast\Tests\Browser\Response;
use Holdfast\Tests\Server\SiteTestCase;
use Holdfast\Tests\TemporaryDirectory;

/**
 * Tests that call methods of `$session->CSRF` in a page, and post what it gave to the next.
 */
abstract class CsrfTestCase extends SiteTestCase
{
    protected const INVALID_TOKEN = 'Holdfast\Exception\InvalidToken';

    /** A visitor who has a session, with no token in it. */
    protected static function visitorWithSession(): Browser
    {
        $visitor = self::visitor();
        self::results(self::load($visitor, ['set', 'a', 1]));
        return $visitor;
    }

    /**
     * Loads a page that calls these methods.
     *
     * @param list<mixed> ...$calls a method with its arguments each
     */
    protected static function load(Browser $visitor, array ...$calls): Response
    {
        return $visitor->send(self::request($calls));
    }

    /**
     * What one method gave in a page that was loaded.
     */
    protected static function call(Browser $visitor, string $method, mixed ...$arguments): mixed
    {
        return self::results(self::load($visitor, [$method, ...$arguments]))[0];
    }

    /**
     * What one method gave in a page that a form was posted to.
     *
     * @param array<string, mixed> $fields
     * @param list<mixed> $call a method with its arguments
     * @param array<string, string> $headers
     */
    protected static function post(Browser $visitor, array $fields, array $call = ['hasValidToken'], array $headers = []): mixed
    {
        return self::results($visitor->send(self::request([$call], $fields, $headers)))[0];
    }

    /**
     * What one method gave in each of several pages that forms were posted to at once.
     *
     * @param array<string, mixed> $fields
     * @param list<mixed> $call
     * @return list<mixed>
     */
    protected static function postTogether(int $times, Browser $visitor, array $fields, array $call): array
    {
        $results = [];
        $post = static function () use ($visitor, $fields, $call, &$results): Generator {
            $results[] = self::results(yield [$visitor, self::request([$call], $fields)])[0];
        };
        Crowd::run(array_map(static fn (): Generator => $post(), range(1, $times)));
        return $results;
    }

    /**
     * What a method of the session, or of its tokens, gave in a page that had read the session before $meanwhile and called
     * the method after.
     *
     * @param list<mixed> $arguments
     * @param callable(): void $meanwhile
     * @param array<string, mixed>|null $fields
     */
    protected static function callLate(Browser $visitor, string $method, array $arguments, callable $meanwhile, ?array $fields = null): mixed
    {
        $directory = new TemporaryDirectory();
        $query = ['directory' => $directory->path, 'then' => $method, 'with' => $arguments];
        $result = null;
        $ask = static function () use ($visitor, $query, $fields, &$result): Generator {
            $result = self::results(yield [$visitor, new Request('/csrf-slow.php?' . http_build_query($query), $fields)])[0];
        };
        $isDone = false;
        Crowd::run([$ask()], static function () use ($meanwhile, $directory, &$isDone): void {
            if (!$isDone && file_exists("$directory->path/begun")) {
                $isDone = true;
                $meanwhile();
                touch("$directory->path/go on");
            }
        });
        $directory->remove();
        self::assertTrue($isDone);
        return $result;
    }

    /**
     * @param list<list<mixed>> $calls
     * @param array<string, mixed>|null $fields
     * @param array<string, string> $headers
     */
    protected static function request(array $calls, ?array $fields = null, array $headers = [], ?string $method = null): Request
    {
        $pairs = array_map(static fn (array $call): array => [array_shift($call), $call], $calls);
        $path = '/csrf.php?' . http_build_query(['calls' => json_encode($pairs, JSON_THROW_ON_ERROR)]);
        return new Request($path, $fields, headers: $headers, method: $method);
    }

    /** @return list<mixed> what the calls of a page gave */
    protected static function results(Response $response): array
    {
        $said = self::said($response);
        self::assertSame([], $said['warnings'], (string) $response);
        return $said['results'];
    }

    /**
     * @param array{name: string, value: string} $token
     * @return array<string, string> the form that a browser sends for it
     */
    protected static function form(array $token): array
    {
        return ['comment' => 'hello', $token['name'] => $token['value']];
    }

    protected static function assertRefused(mixed $thrown): void
    {
        self::assertIsArray($thrown);
        self::assertSame(self::INVALID_TOKEN, $thrown['thrown'] ?? null);
    }
}
