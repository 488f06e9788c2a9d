<?php

declare(strict_types=1);

namespace Holdfast\ExpressionEngine;

use Holdfast\Exception\InvalidArgument;
use Holdfast\Exception\InvalidState;
use Holdfast\Session;

/**
 * ee()->functions: what a session has to do with of ExpressionEngine's functions.
 */
class Functions
{
    public function __construct(private readonly Facade $ee)
    {
    }

    /**
     * Sends the visitor to another page and ends the script, as Session::redirect() does: the session is saved before, and
     * flash data and notices are there on the page that follows. Line breaks, also encoded ones, are removed from the
     * location, and `&amp;` in it is `&`.
     *
     * A request with `X-Requested-With: XMLHttpRequest` that has set flash data is not redirected. It is answered with that
     * flash data, as an object in JSON; the next page does not have it.
     *
     * @param string|\Stringable $location as for Session::redirect(): of this site, or of `holdfast.redirect_hosts`
     * @param string|false $method 'refresh' = by the header Refresh, with the status that the page has, or $status_code;
     *   anything else = by Location
     * @param int|null $status_code 301, 302, 303, 307, 308; anything else = what http_response_code() says, if it is one of
     *   these, and otherwise 302
     * @return void it comes back where a hook of redirect() replaces or cancels that
     * @throws InvalidArgument when the location leads elsewhere; nothing was sent
     * @throws InvalidState when headers were already sent
     */
    public function redirect($location, $method = false, $status_code = null)
    {
        $location = self::cleaned((string) $location);
        $session = $this->ee->get('session');
        if (($_SERVER['HTTP_X_REQUESTED_WITH'] ?? '') === 'XMLHttpRequest') {
            self::answerWithFlashdata($session);
        }

        $status = $status_code !== null && $status_code >= 300 && $status_code <= 308
            ? (int) $status_code
            : (int) http_response_code();
        if ($method === 'refresh') {
            self::refresh($session, $location, $status);
        } else {
            $session->redirect($location, $status);
        }
    }

    private static function cleaned(string $location): string
    {
        do {
            $location = str_ireplace(["\r", "\n", '%0d', '%0a'], '', $location, $removed);
        } while ($removed > 0);
        return str_replace('&amp;', '&', $location);
    }

    /**
     * A redirect by Location until the script ends, so that the session's rules hold and the way out is its own; then the
     * header is the other one.
     */
    private static function refresh(Session $session, string $location, int $status): void
    {
        // The value of Refresh may stand in quotes, so that '//host' would be //host.
        $location = strtr($location, ["'" => '%27', '"' => '%22']);
        $isLeaving = true;
        register_shutdown_function(static function () use (&$isLeaving, $location, $status): void {
            if ($isLeaving && !headers_sent()) {
                header_remove('Location');
                header("Refresh: 0;url=$location", true, $status);
            }
        });
        try {
            $session->redirect($location);
        } finally {
            // Not reached by the end of the script.
            $isLeaving = false;
        }
    }

    private static function answerWithFlashdata(Session $session): void
    {
        // The variable has, by batches, what this request may read and what it has set (docs/flash-data.md).
        $batches = array_filter((array) $session->get('_flashdata'), 'is_array');
        $read = array_map('json_encode', $session->flashdata());
        $isSet = static fn (mixed $value, int|string $key): bool => ($read[$key] ?? null) !== json_encode($value);
        $set = array_filter(array_replace([], ...array_values($batches)), $isSet, ARRAY_FILTER_USE_BOTH);
        if ($set === []) {
            return;
        }
        $left = array_map(static fn (array $batch): array => array_diff_key($batch, $set), $batches);
        $session->set('_flashdata', array_filter($left));
        header('Content-Type: application/json');
        exit(json_encode((object) $set, JSON_INVALID_UTF8_SUBSTITUTE | JSON_PARTIAL_OUTPUT_ON_ERROR));
    }
}
