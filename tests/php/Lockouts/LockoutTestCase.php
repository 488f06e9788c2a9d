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

    /** @param array<string, string> $more of the query */
    protected static function attempt(string $name, string $password, string $address = '192.0.2.1', array $more = []): Request
    {
        $query = ['name' => $name, 'pass' => $password] + $more;
        return new Request('/lockout.php', $query, headers: ['X-Forwarded-For' => $address], seconds: 60.0);
    }

    /**
     * @param array<string, string> $more of the query
     * @return array{string, int} what became of it, and how many failures were counted by then
     */
    protected static function tries(Browser $visitor, string $name, string $password, string $address = '192.0.2.1', array $more = []): array
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
        return self::callFrom('192.0.2.1', $visitor, ...$calls);
    }

    /**
     * @param list<mixed> ...$calls
     * @return list<mixed>
     */
    protected static function callFrom(string $address, Browser $visitor, array ...$calls): array
    {
        $named = array_map(static fn (array $call): array => [array_shift($call), $call], $calls);
        $query = ['calls' => json_encode($named, JSON_THROW_ON_ERROR)];
        return self::said($visitor->send(new Request('/call.php', $query, headers: ['X-Forwarded-For' => $address])))['results'];
    }

    /** @return array{attempts: int, failures: int} */
    protected static function counted(string $name): array
    {
        return self::call(self::visitor(), ['loginAttempts', $name])[0];
    }
}
