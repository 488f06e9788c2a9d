<?php

declare(strict_types=1);

/*
 * Every request comes in here: PHP's built-in server runs this file first (see ../serve).
 * Nothing opens the session: `holdfast.auto_start=1` puts $session here, and the pages read and write it. Only the page
 * "Parallel" makes a second one, with locking on.
 */

$path = strtok($_SERVER['REQUEST_URI'], '?') ?: '/';
if (PHP_SAPI === 'cli-server' && preg_match('~^/[a-z]+\.(css|js|svg)$~', $path) && is_file(__DIR__ . $path)) {
    // It has a $session, too, but is no page.
    isset($session) && $session->do_not_track();
    return false;
}

if (!isset($session) || getenv('HOLDFAST_USERS_DSN') === false) {
    http_response_code(500);
    header('Content-Type: text/plain; charset=utf-8');
    exit("There is no \$session, or no database of members. Start the shop with php/demo/serve: it loads the Holdfast"
        . " extension and makes the database.\n");
}

/** @var Session $session */

require __DIR__ . '/../src/http.php';
require __DIR__ . '/../src/html.php';
require __DIR__ . '/../src/visit.php';
require __DIR__ . '/../src/parallel.php';
require __DIR__ . '/../src/members.php';
require __DIR__ . '/../src/crew.php';
require __DIR__ . '/../src/words.php';

sendSecurityHeaders();
allowMethods('GET', 'HEAD', 'POST');

// Where the members are.
$session->setUserProvider(users());

// Before anything is written: another site's form must not begin a session in this visitor's browser.
if (isPost() && !$session->CSRF->hasValidToken()) {
    require __DIR__ . '/../pages/refused.php';
    exit;
}
countRequest($session);

// Pages are what the tracker is for, and not the forms on them.
if (isPost()) {
    $session->do_not_track();
}

$products = require __DIR__ . '/../src/products.php';

$productId = preg_match('~^/product/([a-z]+)$~', $path, $matches) ? $matches[1] : '';
$number = preg_match('~^/parallel/([1-8])$~', $path, $matches) ? (int) $matches[1] : 0;
$page = match (true) {
    $path === '/' => 'catalogue',
    $path === '/cart' => 'cart',
    $path === '/session' => 'session',
    $path === '/parallel' => 'parallel',
    $path === '/sign-up' => 'sign-up',
    $path === '/login' => 'login',
    $path === '/logout' => 'logout',
    $path === '/members' => 'members',
    $path === '/devices' => 'devices',
    $path === '/crew' => 'crew',
    $path === '/crew/profile' => 'crew-profile',
    $path === '/crew/roles' => 'crew-roles',
    $number > 0 => 'parallel-request',
    isset($products[$productId]) => 'product',
    default => 'not-found',
};

require __DIR__ . "/../pages/$page.php";
