<?php

/**
 * Shows `$_SESSION` and changes nothing, unless told so, in this order:
 *
 * ?ini[SETTING]=VALUE, ?name=SESSION_NAME, ?id=ID set before the start; ?set=JSON gives it new contents; ?do= is a list of
 * steps; ?last=JSON gives it new contents again.
 *
 * ?after=FILE is waited for and ?coming=FILE is made before the start, ?begun=FILE after it; then the page waits until there
 * is ?until=FILE.
 */

declare(strict_types=1);

function wait_for(?string $file): void
{
    while ($file !== null && !file_exists($file)) {
        usleep(1000);
        clearstatcache();
    }
}

foreach ($_GET['ini'] ?? [] as $setting => $value) {
    ini_set($setting, $value);
}
if (isset($_GET['name'])) {
    session_name($_GET['name']);
}
if (isset($_GET['id'])) {
    session_id($_GET['id']);
}
if (isset($_GET['prefix'])) {
    session_id(session_create_id($_GET['prefix']));
}
$warnings = [];
set_error_handler(static function (int $level, string $text) use (&$warnings): bool {
    $warnings[] = $text;
    return true;
});
wait_for($_GET['after'] ?? null);
if (isset($_GET['coming'])) {
    touch($_GET['coming']);
}
$started = session_start();
$found = $_SESSION ?? null;
if (isset($_GET['begun'])) {
    touch($_GET['begun']);
}
wait_for($_GET['until'] ?? null);
if (isset($_GET['set'])) {
    $_SESSION = json_decode($_GET['set'], true, flags: JSON_THROW_ON_ERROR);
}
$done = [];
foreach (array_filter(explode(',', $_GET['do'] ?? '')) as $step) {
    $done[] = match ($step) {
        'gc' => session_gc(),
        'destroy' => session_destroy(),
        'regenerate' => session_regenerate_id(),
        'regenerate-true' => session_regenerate_id(true),
        'start' => session_start(),
        'close' => session_write_close(),
    };
}
if (isset($_GET['last'])) {
    $_SESSION = json_decode($_GET['last'], true, flags: JSON_THROW_ON_ERROR);
}

header('Content-Type: application/json');
echo json_encode([
    'started' => $started,
    'id' => session_id(),
    'data' => $found === null ? null : (object) $found,
    'done' => $done,
    'warnings' => $warnings,
    'worker' => getmypid(),
]);
