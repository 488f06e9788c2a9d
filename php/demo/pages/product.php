<?php

declare(strict_types=1);

/**
 * @var Session $session
 * @var array<string, array<string, mixed>> $products
 * @var string $productId
 */

allowMethods('GET', 'HEAD');

$product = $products[$productId];

// A session variable that isn't there reads as null.
$seenBefore = array_diff($session->seen ?? [], [$productId]);
$session->seen = array_slice([$productId, ...$seenBefore], 0, 5);

$inCart = $session->cart[$productId] ?? 0;

$title = $product['name'];
require __DIR__ . '/../templates/header.php';
?>
<p class="back"><a href="/">All goods</a></p>

<article class="product">
    <div class="tile tile-<?= e($product['tile']) ?>">
        <?php readfile(__DIR__ . "/../templates/art/$productId.svg") ?>
    </div>
    <div class="product-text">
        <h1><?= e($product['name']) ?></h1>
        <p class="lead"><?= e($product['line']) ?></p>
        <p><?= e($product['text']) ?></p>
        <dl class="facts">
            <?php foreach ($product['facts'] as $name => $fact) : ?>
                <div><dt><?= e($name) ?></dt><dd><?= e($fact) ?></dd></div>
            <?php endforeach ?>
        </dl>
        <form class="buy" method="post" action="/cart">
            <?= $session->CSRF->renderInput() ?>
            <input type="hidden" name="product" value="<?= e($productId) ?>">
            <span class="price"><?= e(price($product['cents'])) ?></span>
            <button class="button" name="action" value="add">Add to cart</button>
        </form>
        <?php if ($inCart > 0) : ?>
            <p class="small"><?= e($inCart) ?> in your <a href="/cart">cart</a>.</p>
        <?php endif ?>
    </div>
</article>

<?php if ($seenBefore !== []) : ?>
    <section aria-labelledby="seen">
        <h2 id="seen">You also looked at</h2>
        <ul class="grid grid-small">
            <?php foreach (array_slice($seenBefore, 0, 4) as $id) : ?>
                <?php $product = $products[$id] ?>
                <li><?php require __DIR__ . '/../templates/product-card.php' ?></li>
            <?php endforeach ?>
        </ul>
    </section>
<?php endif ?>
<?php
require __DIR__ . '/../templates/footer.php';
