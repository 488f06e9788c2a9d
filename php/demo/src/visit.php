<?php

declare(strict_types=1);

/*
 * Which process served this visitor how often. It uses a namespace of the session, 'visit', so that its names can't
 * meet those of the shop, which uses the session as well.
 *
 * A count that parallel requests add to needs $session->increment(). These don't: a process serves one request at a
 * time, so each count is changed by one process alone, and changes of different keys are merged, however deep.
 */

function countRequest(Session $session): void
{
    $served = requestsByProcess($session);
    $served[getmypid()] = ($served[getmypid()] ?? 0) + 1;
    $session->setFor('visit', 'served', $served);

    if ($session->getFor('visit', 'began') === null) {
        $session->setFor('visit', 'began', time());
    }
}

/** @return array<int, int> number of requests under the id of the process, in the order in which they first served */
function requestsByProcess(Session $session): array
{
    return $session->getValFor('visit', 'served', []);
}

/** PHP's built-in server serves pages itself, beside its workers. null under another server: it can't be known. */
function processesInAll(): ?int
{
    $workers = (int) getenv('PHP_CLI_SERVER_WORKERS');

    return PHP_SAPI === 'cli-server' ? ($workers > 1 ? $workers + 1 : 1) : null;
}

/** Enough of the session's id to recognise it, too little to take it over. */
function shortId(Session $session): string
{
    $id = $session->getId();

    return $id === '' ? 'none yet' : substr($id, 0, 6) . '…';
}
