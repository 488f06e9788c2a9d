<?php

declare(strict_types=1);

namespace Holdfast\Bench\Pages;

use Holdfast\Tests\TemporaryDirectory;
use RuntimeException;

/**
 * As many requests as a site answers, by wrk.
 */
final class LoadTest
{
    private const VISITORS = 64;
    private const CONNECTIONS = 8;

    private readonly TemporaryDirectory $directory;

    /** @param list<string> $cookies one for each visitor; none: nobody has one */
    private function __construct(private readonly string $url, array $cookies)
    {
        $this->directory = new TemporaryDirectory();
        file_put_contents($this->script(), self::lua($cookies));
    }

    public static function without(string $url): self
    {
        return new self($url, []);
    }

    /**
     * @param string $begin the page that gives a new visitor a session
     * @param string $url the page that they look at
     */
    public static function withVisitors(string $begin, string $url): self
    {
        $cookies = [];
        for ($visitor = 0; $visitor < self::VISITORS; ++$visitor) {
            $body = @file_get_contents($begin, false, stream_context_create(['http' => ['timeout' => 10]]));
            $headers = implode("\n", $http_response_header ?? []);
            if ($body === false || preg_match('/^Set-Cookie: ([^;\n]+)/mi', $headers, $found) !== 1) {
                throw new RuntimeException("$begin gives no session:\n$headers\n$body");
            }
            $cookies[] = $found[1];
        }
        return new self($url, $cookies);
    }

    /**
     * @param int $seconds how long
     * @return array{float, float} requests in a second; the milliseconds within which 99 of 100 are answered
     */
    public function run(int $seconds): array
    {
        $command = [
            'wrk', '-t', '1', '-c', (string) self::CONNECTIONS, '-d', "{$seconds}s", '--latency', '-s', $this->script(), $this->url,
        ];
        $said = (string) shell_exec(implode(' ', array_map('escapeshellarg', $command)) . ' 2>&1');
        if (
            str_contains($said, 'Non-2xx') || str_contains($said, 'Socket errors')
            || preg_match('~Requests/sec:\s+([\d.]+)~', $said, $rate) !== 1
            || preg_match('~99%\s+([\d.]+)(us|ms|s)\b~', $said, $slowest) !== 1
        ) {
            throw new RuntimeException("wrk could not measure {$this->url}:\n$said");
        }
        return [(float) $rate[1], (float) $slowest[1] * ['us' => 0.001, 'ms' => 1.0, 's' => 1000.0][$slowest[2]]];
    }

    public function stop(): void
    {
        $this->directory->remove();
    }

    private function script(): string
    {
        return $this->directory->path . '/visitors.lua';
    }

    /** @param list<string> $cookies */
    private static function lua(array $cookies): string
    {
        $list = implode(', ', array_map(static fn (string $one): string => json_encode($one, JSON_UNESCAPED_SLASHES), $cookies));
        return <<<LUA
            local cookies = { $list }
            local requests, visitor = {}, 0
            function init()
                for number, cookie in ipairs(cookies) do
                    requests[number] = wrk.format('GET', nil, { Cookie = cookie })
                end
                if #cookies == 0 then
                    requests[1] = wrk.format('GET')
                end
            end
            function request()
                visitor = visitor % #requests + 1
                return requests[visitor]
            end
            LUA;
    }
}
