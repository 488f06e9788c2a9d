<?php

declare(strict_types=1);

namespace Holdfast\Tests\Browser;

/**
 * A visitor's browser: it keeps cookies and shows what was really sent. It follows no redirect.
 */
final class Browser
{
    /** @var array<string, string> the cookies that it has now */
    public array $cookies = [];

    public function __construct(private readonly string $siteUrl)
    {
    }

    public function get(string $path): Response
    {
        return $this->send(new Request($path));
    }

    /** @param array<string, string> $fields */
    public function post(string $path, array $fields): Response
    {
        return $this->send(new Request($path, fields: $fields));
    }

    /** Sends these bytes as the Cookie header, whatever cookies the browser has. */
    public function getWithCookieHeader(string $path, string $header): Response
    {
        return $this->send(new Request($path, cookieHeader: $header));
    }

    /**
     * Asks for all pages at once.
     *
     * @param list<string> $paths
     * @return list<Response> in the order of $paths
     */
    public function getTogether(array $paths): array
    {
        $responses = [];
        $ask = function (int $at, string $path) use (&$responses): iterable {
            $responses[$at] = yield [$this, new Request($path)];
        };
        Crowd::run(array_map($ask, array_keys($paths), $paths));
        ksort($responses);
        return $responses;
    }

    public function send(Request $request): Response
    {
        $answer = null;
        $ask = function () use ($request, &$answer): iterable {
            $answer = yield [$this, $request];
        };
        Crowd::run([$ask()]);
        \assert($answer instanceof Response);
        return $answer;
    }

    public function address(Request $request): string
    {
        return $this->siteUrl . $request->path;
    }

    /** The bytes of the Cookie header for a request; null for no such header. */
    public function cookieHeader(Request $request): ?string
    {
        if ($request->cookieHeader !== null) {
            return $request->cookieHeader;
        }
        $pairs = array_map(
            static fn (string $name, string $value): string => "$name=$value",
            array_keys($this->cookies),
            $this->cookies
        );
        return $pairs === [] ? null : implode('; ', $pairs);
    }

    /** Takes the cookies of an answer. */
    public function receive(Response $response): void
    {
        foreach ($response->cookies() as $cookie) {
            if ($cookie->isRemoval()) {
                unset($this->cookies[$cookie->name]);
            } else {
                $this->cookies[$cookie->name] = $cookie->value;
            }
        }
    }
}
