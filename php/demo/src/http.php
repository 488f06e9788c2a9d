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
