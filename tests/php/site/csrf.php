<?php

/**
 * Calls methods of `$session->CSRF`, and tells what each gave.
 *
 * ?calls= is a JSON list of [method, arguments...]. These are the session's own: regenerate, destroy, save, close, start,
 * set, remove, get, getAll. ?ini[SETTING]=VALUE is set before.
 */

declare(strict_types=1);

foreach ($_GET['ini'] ?? [] as $setting => $value) {
    ini_set($setting, $value);
}
$warnings = [];
set_error_handler(static function (int $level, string $text) use (&$warnings): bool {
    $warnings[] = $text;
    return true;
});
$session = new Session();
$results = [];
foreach (json_decode($_GET['calls'], true, flags: JSON_THROW_ON_ERROR) as [$method, $arguments]) {
    $ofSession = ['regenerate', 'destroy', 'save', 'close', 'start', 'set', 'remove', 'get', 'getAll', 'getId'];
    try {
        $result = in_array($method, $ofSession, true)
            ? $session->$method(...$arguments)
            : $session->CSRF->$method(...$arguments);
        $results[] = $result === $session ? null : $result;
    } catch (Holdfast\Exception\HoldfastException $thrown) {
        $results[] = ['thrown' => get_class($thrown), 'message' => $thrown->getMessage()];
    }
}

header('Content-Type: application/json');
echo json_encode(
    ['results' => $results, 'warnings' => $warnings, 'variables' => array_keys($session->getAll()), 'worker' => getmypid()],
    JSON_THROW_ON_ERROR
);
