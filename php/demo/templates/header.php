<?php

declare(strict_types=1);

/**
 * @var Session $session
 * @var string $title
 * @var string $path
 * @var string|null $script
 */

// Each is shown once: taking it out is saved, and of two pages at the same time one gets it.
$notices = [...$session->errors(), ...$session->warnings(), ...$session->messages()];

// And what a page in ExpressionEngine's style has said by flash data, under its names for that.
$flashes = array_filter(array_map(
    fn (string $name): string => (string) $session->flashdata($name),
    ['error' => 'message_failure', 'warning' => 'message_notice', 'message' => 'message_success']
));

$itemsInCart = array_sum($session->getVal('cart', []));
$isMember = $session->isLoggedin();
?>
<!doctype html>
<html lang="en">
<head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title><?= e($title) ?> · Holdfast demo shop</title>
    <link rel="stylesheet" href="/style.css">
    <link rel="icon" href="/icon.svg" type="image/svg+xml">
<?php if (isset($script)) : ?>
    <script src="<?= e($script) ?>" defer></script>
<?php endif ?>
</head>
<body>
<a class="skip" href="#main">Skip to content</a>
<header class="bar">
    <a class="brand" href="/">
        <?php readfile(__DIR__ . '/art/mark.svg') ?>
        <span>Holdfast <small>demo shop</small></span>
    </a>
    <nav aria-label="Shop">
        <a href="/"<?= $path === '/' ? ' aria-current="page"' : '' ?>>Goods</a>
        <a href="/session"<?= $path === '/session' ? ' aria-current="page"' : '' ?>>Session</a>
        <a href="/parallel"<?= $path === '/parallel' ? ' aria-current="page"' : '' ?>>Parallel</a>
        <a href="/cart"<?= $path === '/cart' ? ' aria-current="page"' : '' ?>>
            Cart <span class="badge"><?= e($itemsInCart) ?><span class="visually-hidden"> items</span></span>
        </a>
    </nav>
    <?php if (!$isMember) : ?>
        <a class="account" href="/login"<?= $path === '/login' ? ' aria-current="page"' : '' ?>>Log in</a>
    <?php else : ?>
        <a class="account" href="/members"<?= $path === '/members' ? ' aria-current="page"' : '' ?>>
            <span class="visually-hidden">Members’ mess of </span><?= e($session->userdata('screen_name')) ?>
        </a>
    <?php endif ?>
</header>
<?php if ($isMember && preg_match('~^/(members|devices|crew)~', $path) === 1) : ?>
    <?php require __DIR__ . '/areas.php' ?>
<?php endif ?>
<main id="main">
<?php foreach ($flashes as $type => $text) : ?>
    <p class="notice notice-<?= e($type) ?>" role="<?= $type === 'message' ? 'status' : 'alert' ?>"><?= e($text) ?></p>
<?php endforeach ?>
<?php foreach ($notices as $notice) : ?>
    <p class="notice notice-<?= e($notice->type) ?>" role="<?= $notice->type === 'message' ? 'status' : 'alert' ?>">
        <?= $notice->html() ?>
    </p>
<?php endforeach ?>
