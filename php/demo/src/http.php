<?php

declare(strict_types=1);

const CONTENT_POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    . "frame-ancestors 'none'";

function sendSecurityHeaders(): void
{
    header('Content-Security-Policy: ' . CONTENT_POLICY);
    header('X-Content-Type-Options: nosniff');
    header('Referrer-Policy: same-origin');
    header('Cache-Control: no-store');
}

/** For a page that has a script: it may come from public/, and ask this site for more. */
function allowOwnScripts(): void
{
    header('Content-Security-Policy: ' . CONTENT_POLICY . "; script-src 'self'; connect-src 'self'");
}

/**
 * Ends the request when the form was sent from another site.
 *
 * The session's cookie is SameSite=Lax, so a form on another site reaches us without it and can't touch this visitor's
 * session. But the answer could begin a new session and replace the cookie. So it is refused before anything is
 * written: browsers say in Origin where a POST comes from.
 */
function refuseForeignForms(): void
{
    $origin = $_SERVER['HTTP_ORIGIN'] ?? null;
    if (!isPost() || $origin === null) {
        return;
    }
    if (!in_array($origin, ["http://{$_SERVER['HTTP_HOST']}", "https://{$_SERVER['HTTP_HOST']}"], true)) {
        http_response_code(403);
        header('Content-Type: text/plain; charset=utf-8');
        exit("This form was sent from another site.\n");
    }
}

function isPost(): bool
{
    return $_SERVER['REQUEST_METHOD'] === 'POST';
}

function allowMethods(string ...$methods): void
{
    if (!in_array($_SERVER['REQUEST_METHOD'], $methods, true)) {
        http_response_code(405);
        header('Allow: ' . implode(', ', $methods));
        exit;
    }
}

/** A field of the form that was sent; '' when it isn't there or not a text. */
function field(string $name): string
{
    $value = $_POST[$name] ?? '';

    return is_string($value) ? $value : '';
}

/** After a POST: the browser goes on with a GET, so a reload doesn't send the form again. */
function redirect(string $path): never
{
    header("Location: $path", true, 303);
    exit;
}
