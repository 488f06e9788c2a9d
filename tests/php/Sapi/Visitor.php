<?php

declare(strict_types=1);

namespace Holdfast\Tests\Sapi;

/**
 * Somebody with a browser, who asks a server.
 */
final class Visitor
{
    /** @var array<string, string> */
    public array $cookies = [];

    public Answer $last;

    public function __construct(private readonly WorkerServer $server, private readonly string $agent = 'Browser')
    {
    }

    /** The body of the answer. */
    public function ask(string $uri, string $method = 'GET'): string
    {
        $pairs = [];
        foreach ($this->cookies as $name => $value) {
            $pairs[] = "$name=$value";
        }
        $this->last = $this->server->ask($method, $uri, implode('; ', $pairs), $this->agent);
        foreach ($this->last->cookies() as $name => $value) {
            $this->cookies[$name] = $value;
            if ($value === '') {
                unset($this->cookies[$name]);
            }
        }
        return $this->last->body;
    }

    /**
     * Runs a method of the kept session, as app.php has it.
     *
     * @return mixed its result
     */
    public function call(string $method, mixed ...$arguments): mixed
    {
        $body = $this->ask('/?' . http_build_query(['call' => $method, 'with' => json_encode($arguments)]));
        $result = json_decode($body, true);
        if (!is_array($result) || !array_key_exists('result', $result)) {
            throw new \RuntimeException("The answer to $method is: $body");
        }
        return $result['result'];
    }
}
