<?php

declare(strict_types=1);

namespace Holdfast\Tests\Lockouts;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\Request;
use Holdfast\Tests\Server\SiteTestCase;

/**
 * Tests over a site that checks the passwords of alice, bob and carol itself, which are their names backwards. Each test has
 * an account and a network of its own.
 */
abstract class LockoutTestCase extends SiteTestCase
{
    protected const FREE = 5;

    protected static function settings(): array
    {
        return ['holdfast.trusted_proxies' => '127.0.0.1'];
    }

    private static int $tests = 0;

    protected function setUp(): void
    {
        ++self::$tests;
    }

    /** An address in the network of this test. */
    private static function home(): string
    {
        return '10.0.' . self::$tests . '.1';
    }

    /** @param array<string, string> $more of the query */
    protected static function attempt(string $name, string $password, ?string $address = null, array $more = []): Request
    {
        $query = ['name' => $name, 'pass' => $password] + $more;
        return new Request('/lockout.php', $query, headers: ['X-Forwarded-For' => $address ?? self::home()], seconds: 60.0);
    }

    /**
     * @param array<string, string> $more of the query
     * @return array{string, int} what became of it, and how many failures were counted by then
     */
    protected static function tries(Browser $visitor, string $name, string $password, ?string $address = null, array $more = []): array
    {
        return array_values(self::said($visitor->send(self::attempt($name, $password, $address, $more))));
    }

    /**
     * Calls methods of the session in one request.
     *
     * @param list<mixed> ...$calls each a method with its arguments
     * @return list<mixed> what each gave
     */
    protected static function call(Browser $visitor, array ...$calls): array
    {
        $named = array_map(static fn (array $call): array => [array_shift($call), $call], $calls);
        $query = ['calls' => json_encode($named, JSON_THROW_ON_ERROR)];
        return self::said($visitor->send(new Request('/call.php', $query, headers: ['X-Forwarded-For' => self::home()])))['results'];
    }

    /** @return array{attempts: int, failures: int} */
    protected static function counted(string $name): array
    {
        return self::call(self::visitor(), ['loginAttempts', $name])[0];
    }
}
