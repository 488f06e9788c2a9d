<?php

declare(strict_types=1);

namespace Holdfast\Tests\Bans;

use Holdfast\Tests\Browser\Request;
use Holdfast\Tests\Server\SiteTestCase;

/**
 * Issue 5, 5: ban_check('ip') asks of the visitor's own address, as trusted proxies tell it.
 */
final class VisitorsAddressTest extends SiteTestCase
{
    protected static function settings(): array
    {
        return [
            'holdfast.trusted_proxies' => '127.0.0.1',
            'holdfast.banned_ips' => '192.0.2.7|198.51.100.*|203.0.113.0/25|2001:db8::/48|*',
        ];
    }

    /** @return array<string, array{string, bool}> */
    public static function addresses(): array
    {
        return [
            'by itself' => ['192.0.2.7', true],
            'its neighbour' => ['192.0.2.8', false],
            'one that begins so' => ['192.0.2.77', false],
            'a pattern' => ['198.51.100.200', true],
            'a network' => ['203.0.113.127', true],
            'beside the network' => ['203.0.113.128', false],
            'IPv6 in a network' => ['2001:db8:0:1::5', true],
            'written in another way' => ['2001:0DB8:0000:0001:0:0:0:5', true],
            'beside that' => ['2001:db8:1::5', false],
            'IPv4 on a socket for both' => ['::ffff:192.0.2.7', true],
        ];
    }

    /** @dataProvider addresses */
    public function testAnAddressIsBannedByTheList(string $address, bool $isBanned): void
    {
        self::assertSame(
            [$isBanned, $isBanned, $isBanned, (int) $isBanned, $isBanned ? 'n' : 'y'],
            $this->ask(
                ['X-Forwarded-For' => $address],
                ['ban_check'],
                ['ban_check', 'ip'],
                ['ban_check', 'ip', '192.0.2.7'],
                ['userdata', 'is_banned'],
                ['userdata', 'can_view_online_system'],
            )
        );
    }

    public function testOnlyATrustedProxyIsBelieved(): void
    {
        $untrusting = ['trusted_proxies' => ''];
        self::assertSame([false], $this->askWith($untrusting, ['X-Forwarded-For' => '192.0.2.7'], ['ban_check']));
        self::assertSame([true], $this->askWith($untrusting + ['banned_ips' => '127.0.0.1'], ['X-Forwarded-For' => '192.0.2.8'], ['ban_check']));
    }

    public function testTheListOfTheApplicationIsTakenInPlaceOfTheSetting(): void
    {
        self::assertSame([false], $this->askWith(['banned_ips' => ''], ['X-Forwarded-For' => '192.0.2.7'], ['ban_check']));
        self::assertSame([true], $this->askWith(['banned_ips' => '192.0.2.8'], ['X-Forwarded-For' => '192.0.2.8'], ['ban_check']));
    }

    /**
     * @param array<string, string> $headers
     * @param list<mixed> ...$calls
     * @return list<mixed>
     */
    private function ask(array $headers, array ...$calls): array
    {
        return $this->askWith([], $headers, ...$calls);
    }

    /**
     * @param array<string, mixed> $options of the session
     * @param array<string, string> $headers
     * @param list<mixed> ...$calls each a method with its arguments
     * @return list<mixed>
     */
    private function askWith(array $options, array $headers, array ...$calls): array
    {
        $named = array_map(static fn (array $call): array => [array_shift($call), $call], $calls);
        $query = ['calls' => json_encode($named, JSON_THROW_ON_ERROR), 'options' => json_encode((object) $options)];
        return self::said(self::visitor()->send(new Request('/call.php', $query, headers: $headers)))['results'];
    }
}
