<?php

declare(strict_types=1);

namespace Holdfast\Tests\Authentication;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\Crowd;
use Holdfast\Tests\Browser\Request;
use Holdfast\Tests\Browser\Response;
use Holdfast\Tests\Server\SiteTestCase;

/**
 * Tests over a site whose users are alice, bob and carol; their passwords are their names backwards.
 */
abstract class MembersTestCase extends SiteTestCase
{
    protected const PASSWORDS = ['alice' => 'ecila', 'bob' => 'bob', 'carol' => 'lorac'];

    /**
     * Calls methods of the session in one request.
     *
     * @param list<mixed> ...$calls each a method with its arguments
     * @return list<mixed> what each gave
     */
    protected static function call(Browser $visitor, array ...$calls): array
    {
        return self::said($visitor->send(self::request($calls)))['results'];
    }

    /**
     * @param list<list<mixed>> $calls
     * @param array<string, mixed> $options of the session
     * @param array<string, string> $headers
     * @param string|null $gate a file without which no password is verified
     */
    protected static function request(array $calls, array $options = [], array $headers = [], ?string $gate = null): Request
    {
        $named = array_map(static fn (array $call): array => [array_shift($call), $call], $calls);
        return new Request(
            '/call.php',
            ['calls' => json_encode($named, JSON_THROW_ON_ERROR), 'options' => json_encode((object) $options, JSON_THROW_ON_ERROR)]
                + ($gate === null ? [] : ['gate' => $gate]),
            headers: $headers,
            seconds: 60.0,
        );
    }

    /**
     * Sends one request of each visitor, all at once.
     *
     * @param list<Browser> $visitors
     * @param callable(int): Request $request
     * @param callable(): void|null $meanwhile called again and again while answers are awaited
     * @return list<Response>
     */
    protected static function together(array $visitors, callable $request, ?callable $meanwhile = null): array
    {
        $answers = [];
        $ask = static function (int $at, Browser $visitor) use ($request, &$answers): iterable {
            $answers[$at] = yield [$visitor, $request($at)];
        };
        Crowd::run(array_map($ask, array_keys($visitors), $visitors), $meanwhile);
        ksort($answers);
        return $answers;
    }

    /** A visitor who is logged in. */
    protected static function member(string $name = 'alice'): Browser
    {
        $visitor = self::visitor();
        self::logIn($visitor, $name);
        return $visitor;
    }

    /** @param array<string, mixed> $options */
    protected static function logIn(Browser $visitor, string $name, array $options = []): Response
    {
        $answer = $visitor->send(self::request([['login', $name, self::PASSWORDS[$name]]], $options));
        self::assertSame($name, self::said($answer)['results'][0]['name'] ?? null, (string) $answer);
        return $answer;
    }

    /** @param array<string, mixed> $options */
    protected static function isLoggedIn(Browser $visitor, array $options = []): bool
    {
        return self::said($visitor->send(self::request([['isLoggedin']], $options)))['results'][0];
    }

    /** The same visitor's cookies in another browser. */
    protected static function copyOf(Browser $visitor): Browser
    {
        $copy = self::visitor();
        $copy->cookies = $visitor->cookies;
        return $copy;
    }
}
