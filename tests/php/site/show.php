<?php

/**
 * Shows `$_SESSION` and changes nothing. ?set=JSON gives it new contents first; ?id= is set before the start; ?do=gc|destroy.
 */

declare(strict_types=1);

if (isset($_GET['id'])) {
    session_id($_GET['id']);
}
if (isset($_GET['name'])) {
    session_name($_GET['name']);
}
$started = session_start();
if (isset($_GET['set'])) {
    $_SESSION = json_decode($_GET['set'], true, flags: JSON_THROW_ON_ERROR);
}
$done = match ($_GET['do'] ?? '') {
    '' => null,
    'gc' => session_gc(),
    'destroy' => session_destroy(),
    'regenerate' => session_regenerate_id(true),
};

header('Content-Type: application/json');
echo json_encode(['started' => $started, 'id' => session_id(), 'data' => (object) ($_SESSION ?? []), 'done' => $done, 'worker' => getmypid()]);
