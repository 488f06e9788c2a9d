<?php

/**
 * The admin page: figures of the store, its sessions, and how to end them. One file to include, behind the site's own login:
 *
 *     require '/path/to/php/admin/holdfast-admin.php';
 *
 *     Holdfast\Admin\Page::serve([
 *         'authorise' => fn (): bool => $user?->isAdmin() === true,
 *         'actor' => fn (): string => $user->getName(),
 *     ]);
 *
 * docs/admin.md has all options. What it needs lies beside it; nothing of that need be reachable from the web.
 */

declare(strict_types=1);

require_once __DIR__ . '/src/Text.php';
require_once __DIR__ . '/src/Browser.php';
require_once __DIR__ . '/src/Site.php';
require_once __DIR__ . '/src/Links.php';
require_once __DIR__ . '/src/FormToken.php';
require_once __DIR__ . '/src/SessionsQuery.php';
require_once __DIR__ . '/src/AuditTrail.php';
require_once __DIR__ . '/src/Ending.php';
require_once __DIR__ . '/src/View.php';
require_once __DIR__ . '/src/Page.php';
