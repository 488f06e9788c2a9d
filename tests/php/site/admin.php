<?php

/**
 * The admin page of a site whose operators are known by a cookie: 'operator' is their name, and ?operator= logs in. What ?says= (JSON) says is what the site
 * says of whether they may.
 */

declare(strict_types=1);

if (isset($_GET['operator'])) {
    setcookie('operator', $_COOKIE['operator'] = $_GET['operator']);
}

require __DIR__ . '/../../../php/admin/holdfast-admin.php';

Holdfast\Admin\Page::serve([
    'authorise' => static fn (): mixed => isset($_GET['says']) ? json_decode($_GET['says']) : ($_COOKIE['operator'] ?? '') !== '',
    'actor' => static fn (): string => $_COOKIE['operator'],
    'userName' => static fn (string $user): ?string => ['1' => 'alice', '2' => 'bob', '66' => '<img src=x onerror=alert(1)>'][$user] ?? null,
    'title' => 'Ship’s chandler',
]);
