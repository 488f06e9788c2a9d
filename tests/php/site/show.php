<?php

/**
 * Shows `$_SESSION` and changes nothing, unless told so, in this order:
 *
 * ?ini[SETTING]=VALUE, ?name=SESSION_NAME, ?id=ID set before the start; ?set=JSON gives it new contents; ?append=N adds to
 * its list `order`; ?do= is a list of steps; ?last=JSON gives it new contents again.
 *
 * ?after=FILE is waited for and ?coming=FILE gets the worker's process id before the start, ?begun=FILE after it; then the page waits until
 * there is ?until=FILE. ?done=FILE is made after the steps, and then ?until_last=FILE is waited for. ?read_and_close=1.
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
    file_put_contents($_GET['coming'], getmypid());
}
$started = session_start(isset($_GET['read_and_close']) ? ['read_and_close' => true] : []);
$found = $_SESSION ?? null;
if (isset($_GET['begun'])) {
    file_put_contents($_GET['begun'], getmypid());
}
wait_for($_GET['until'] ?? null);
if (isset($_GET['set'])) {
    $_SESSION = json_decode($_GET['set'], true, flags: JSON_THROW_ON_ERROR);
}
if (isset($_GET['append'])) {
    $_SESSION['order'][] = (int) $_GET['append'];
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
        'abort' => session_abort(),
    };
}
if (isset($_GET['done'])) {
    touch($_GET['done']);
}
wait_for($_GET['until_last'] ?? null);
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
