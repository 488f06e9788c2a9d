<?php

// Sessions that come again: with plain values, objects and references, changed in every way, and ended.

declare(strict_types=1);

ini_set('session.use_cookies', 0);
ini_set('session.cache_limiter', '');
ini_set('session.save_handler', 'holdfast');
ini_set('session.serialize_handler', 'holdfast');
define('KIND', 'objects');
require __DIR__ . '/../../WorkerCache/pages/changes.php';

$kept = [];
foreach (['one', 'two'] as $id) {
    for ($cycle = 0; $cycle < 60; ++$cycle) {
        session_id($id);
        session_start();
        mt_srand($cycle);
        change($_SESSION);
        change($_SESSION);
        if ($cycle % 20 === 7) {
            $_SESSION['refers'] = &$_SESSION['referred'];
            $_SESSION['referred'] = [$cycle];
        }
        if ($cycle % 20 === 13) {
            unset($_SESSION['refers'], $_SESSION['referred']);
            $kept[] = $_SESSION;
            session_regenerate_id();
            $id = session_id();
        }
        $cycle % 9 === 0 ? session_abort() : session_write_close();
    }
    session_start();
    session_destroy();
}
unset($kept);
gc_collect_cycles();
