<?php

/**
 * `$_SESSION['a']` and `$_SESSION['b']['in']` are one object: ?do=make|change|beside|replace|look. ?begun=FILE is made after
 * the start; then ?until=FILE is waited for.
 */

declare(strict_types=1);

session_start();
if (isset($_GET['begun'])) {
    touch($_GET['begun']);
}
while (isset($_GET['until']) && !file_exists($_GET['until'])) {
    usleep(1000);
    clearstatcache();
}

switch ($_GET['do']) {
    case 'make':
        $object = (object) ['n' => 1];
        $_SESSION = ['a' => $object, 'b' => ['in' => $object, 'text' => 'x']];
        break;
    case 'change':
        $_SESSION['a']->n = 2;
        break;
    case 'beside':
        $_SESSION['beside'] = 1;
        break;
    case 'replace':
        $_SESSION['b'] = 'replaced';
        break;
}

header('Content-Type: application/json');
echo json_encode(['data' => $_SESSION, 'same' => ($_SESSION['a'] ?? null) === ($_SESSION['b']['in'] ?? null)]);
