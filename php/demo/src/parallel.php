<?php

declare(strict_types=1);

/*
 * The eight requests of the page "Parallel": the session in which they meet, and what is found in it afterwards.
 */

/** How long each of the eight requests works, in milliseconds. */
const WORK = [1 => 400, 200, 600, 300, 500, 200, 400, 300];

/**
 * A second session of the visitor, with a cookie of its own. While a request uses it with locking on, the others that
 * do so wait; one that only looks needs no lock and waits for none.
 */
function lockedSession(bool $locking = true): Session
{
    return new Session(['cookie_name' => 'holdfast_locked', 'locking' => $locking]);
}

/** Forgets the last run and begins another. Only requests that know its token take part in it. */
function beginRun(Session $session): void
{
    foreach (array_keys(WORK) as $number) {
        $session->remove("request_$number");
    }
    $session->remove('deep')->remove('list')->remove('n');
    $session->run = ['token' => bin2hex(random_bytes(8)), 'began' => now()];
}

/** Whether this is the token of the run that has begun in the session. */
function isRun(Session $session, mixed $token): bool
{
    return is_string($token) && isset($session->run) && hash_equals($session->run['token'], $token);
}

/**
 * What the requests of a run left in the session, with all times from the arrival of the first. null before any.
 *
 * @return array{
 *     requests: array<int, array{worker: int, arrived: int, began: int, ended: int}>,
 *     deep: int, list: list<int>, n: int, wall: int, work: int
 * }|null
 */
function whatWasKept(Session $session): ?array
{
    $requests = [];
    foreach (array_keys(WORK) as $number) {
        if (isset($session["request_$number"])) {
            $requests[$number] = $session["request_$number"];
        }
    }
    if ($requests === []) {
        return null;
    }
    $start = min(array_column($requests, 'arrived'));
    $work = 0;
    foreach ($requests as &$request) {
        foreach (['arrived', 'began', 'ended'] as $moment) {
            $request[$moment] -= $start;
        }
        $work += $request['ended'] - $request['began'];
    }
    unset($request);

    return [
        'requests' => $requests,
        'deep' => count($session->deep['one']['two'] ?? []),
        'list' => $session->getVal('list', []),
        'n' => $session->getVal('n', 0),
        'wall' => max(array_column($requests, 'ended')),
        'work' => $work,
    ];
}

function now(): int
{
    return (int) round(1000 * microtime(true));
}

function milliseconds(int $time): string
{
    return number_format($time) . ' ms';
}
