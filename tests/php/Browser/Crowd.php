<?php

declare(strict_types=1);

namespace Holdfast\Tests\Browser;

use CurlHandle;
use CurlMultiHandle;
use Generator;

/**
 * Many visitors at once, each of whom goes on when their own page has come.
 */
final class Crowd
{
    /** How often $meanwhile is called at least, in seconds. */
    private const TICK = 0.02;

    private readonly CurlMultiHandle $together;

    /** @var array<int, array{Generator, Browser, CurlHandle, Received}> what is under way, by the id of its handle */
    private array $underway = [];

    private function __construct()
    {
        $this->together = curl_multi_init();
    }

    /**
     * Lets all visitors go their ways in parallel.
     *
     * @param list<Generator<int, array{Browser, Request}, Response, void>> $visitors each yields the pages that a
     *   browser asks for, and is sent the answers
     * @param callable(): void|null $meanwhile called again and again while answers are awaited
     */
    public static function run(array $visitors, ?callable $meanwhile = null): void
    {
        $crowd = new self();
        foreach ($visitors as $visitor) {
            $crowd->ask($visitor);
        }
        while ($crowd->underway !== []) {
            $crowd->proceed();
            if ($meanwhile !== null) {
                $meanwhile();
            }
        }
    }

    /** Starts the request that a visitor has yielded. */
    private function ask(Generator $visitor): void
    {
        if (!$visitor->valid()) {
            return;
        }
        /** @var array{Browser, Request} $next */
        $next = $visitor->current();
        [$browser, $request] = $next;
        $received = new Received();
        $handle = curl_init($browser->address($request));
        curl_setopt_array($handle, [
            CURLOPT_PATH_AS_IS => true,
            CURLOPT_TIMEOUT_MS => (int) ($request->seconds * 1000),
            CURLOPT_HEADERFUNCTION => $received->header(...),
            CURLOPT_WRITEFUNCTION => $received->body(...),
            // One connection each: a dead worker's connection is nobody else's.
            CURLOPT_FORBID_REUSE => true,
            CURLOPT_FRESH_CONNECT => true,
        ]);
        $cookies = $browser->cookieHeader($request);
        $headers = $cookies === null ? [] : ["Cookie: $cookies"];
        foreach ($request->headers as $name => $value) {
            // By curl's rules ";" sends a header without a value, and an empty one takes the header back.
            $headers[] = $value === '' ? "$name;" : "$name: $value";
        }
        curl_setopt($handle, CURLOPT_HTTPHEADER, $headers);
        if ($request->fields !== null) {
            curl_setopt($handle, CURLOPT_POSTFIELDS, http_build_query($request->fields));
        }
        if ($request->method !== null) {
            curl_setopt($handle, CURLOPT_CUSTOMREQUEST, $request->method);
        }
        curl_multi_add_handle($this->together, $handle);
        $this->underway[spl_object_id($handle)] = [$visitor, $browser, $handle, $received];
    }

    private function proceed(): void
    {
        curl_multi_exec($this->together, $running);
        while (($done = curl_multi_info_read($this->together)) !== false) {
            /** @var CurlHandle $handle */
            $handle = $done['handle'];
            $this->answer($handle, (int) $done['result']);
        }
        if ($this->underway !== [] && $running > 0) {
            curl_multi_select($this->together, self::TICK);
        }
    }

    private function answer(CurlHandle $handle, int $result): void
    {
        [$visitor, $browser, , $received] = $this->underway[spl_object_id($handle)];
        unset($this->underway[spl_object_id($handle)]);
        $response = new Response(
            (int) curl_getinfo($handle, CURLINFO_RESPONSE_CODE),
            $received->headers,
            $received->body,
            (float) curl_getinfo($handle, CURLINFO_TOTAL_TIME),
            $result === CURLE_OK ? '' : (string) curl_strerror($result)
        );
        curl_multi_remove_handle($this->together, $handle);
        $browser->receive($response);
        $visitor->send($response);
        $this->ask($visitor);
    }
}
