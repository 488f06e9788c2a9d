<?php

declare(strict_types=1);

/**
 * @var Session $session
 * @var string $title
 * @var string $path
 * @var string|null $script
 */

$notice = $session->notice;
unset($session->notice);

$itemsInCart = array_sum($session->getVal('cart', []));
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
</header>
<main id="main">
<?php if ($notice !== null) : ?>
    <p class="notice" role="status"><?= e($notice) ?></p>
<?php endif ?>
