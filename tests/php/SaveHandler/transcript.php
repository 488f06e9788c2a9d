<?php

/**
 * What a page of the differential test begins with. Its body is a transcript: what say() and state() wrote, between the
 * warnings that PHP displays by itself.
 */

declare(strict_types=1);

define('VISIT', $_GET['visit']);
header('Content-Type: text/plain');
foreach (['use_strict_mode', 'lazy_write'] as $setting) {
    if (isset($_GET[$setting])) {
        ini_set("session.$setting", $_GET[$setting]);
    }
}

function say(string $what, mixed ...$values): void
{
    echo $what;
    foreach ($values as $value) {
        echo ' ', json_encode($value, JSON_PARTIAL_OUTPUT_ON_ERROR | JSON_UNESCAPED_SLASHES);
    }
    echo "\n";
}

/** Writes an id so that the test finds it, whatever its form: ids differ, and are replaced by their numbers. */
function id(string|false|null $id): string
{
    return is_string($id) && $id !== '' ? "{{{$id}}}" : (string) json_encode($id);
}

function state(string $after = ''): void
{
    $status = [PHP_SESSION_DISABLED => 'disabled', PHP_SESSION_NONE => 'none', PHP_SESSION_ACTIVE => 'active'][session_status()];
    say("$after: $status " . id(session_id()), session_name(), $_SESSION ?? 'no $_SESSION');
}
