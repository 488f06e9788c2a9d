<?php

/**
 * A page with a small session. ?what=changed changes it; ?face=class with `Session`, else with `$_SESSION`.
 */

declare(strict_types=1);

if (($_GET['face'] ?? '') === 'class') {
    $data = new Session();
} else {
    session_start();
    $data = &$_SESSION;
}
if (($_GET['what'] ?? '') === 'changed') {
    $data['n'] = ($data['n'] ?? 0) + 1;
}
echo $data['n'] ?? 0, "\n";
