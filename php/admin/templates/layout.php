<?php

declare(strict_types=1);

/**
 * The frame of every page.
 *
 * @var string $heading HTML
 * @var string $content HTML
 * @var string $told what came of the last form, '' = nothing
 */

use Holdfast\Admin\Links;
use Holdfast\Admin\Text;

$here = Links::parameter('view');
$parts = ['' => 'Overview', 'sessions' => 'Sessions', 'audit' => 'Audit trail'];
?>
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title><?= $heading ?> · <?= $site->title === '' ? 'Holdfast' : Text::html($site->title) ?></title>
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='4' fill='%230b5468'/%3E%3Cpath d='M5 3.5v9M11 3.5v9M5 8h6' stroke='%23fff' stroke-width='2' stroke-linecap='round'/%3E%3C/svg%3E">
<script><?= $script ?></script>
<style><?= $style ?></style>
</head>
<body>
<a class="skip" href="#content">To the content</a>
<header class="top">
    <div class="brand">
        <svg viewBox="0 0 16 16" width="26" height="26" aria-hidden="true"><rect class="mark" width="16" height="16" rx="4"/><path class="mark-line" d="M5 3.5v9M11 3.5v9M5 8h6"/></svg>
        <span><?= $site->title === '' ? 'Holdfast' : Text::html($site->title) ?></span>
    </div>
    <nav aria-label="Parts of this page">
<?php foreach ($parts as $view => $name): ?>
        <a href="<?= Text::html($links->to($view === '' ? [] : ['view' => $view])) ?>"<?= $view === $here ? ' aria-current="page"' : '' ?>><?= $name ?></a>
<?php endforeach ?>
    </nav>
    <div class="who"><?= $actor === '' ? '' : '<bdi>' . Text::foreign($actor) . '</bdi>' ?></div>
</header>
<main id="content" tabindex="-1">
<?php if ($told !== ''): ?>
<p class="told" role="status"><?= Text::html($told) ?></p>
<?php endif ?>
<?= $content ?>
</main>
</body>
</html>
