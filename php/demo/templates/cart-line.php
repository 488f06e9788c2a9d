<?php

declare(strict_types=1);

/**
 * @var Session $session
 * @var array<string, array<string, mixed>> $products
 * @var string $id
 * @var int $quantity
 */

$product = $products[$id];
?>
<div class="tile tile-<?= e($product['tile']) ?>">
    <?php readfile(__DIR__ . "/art/$id.svg") ?>
</div>
<div class="cart-name">
    <h2><a href="/product/<?= e($id) ?>"><?= e($product['name']) ?></a></h2>
    <p class="small"><?= e(price($product['cents'])) ?> each</p>
</div>
<form class="stepper" method="post" action="/cart">
    <?= $session->CSRF->renderInput() ?>
    <input type="hidden" name="product" value="<?= e($id) ?>">
    <button name="quantity" value="<?= e($quantity - 1) ?>">
        <span aria-hidden="true">−</span>
        <span class="visually-hidden">One <?= e($product['name']) ?> less</span>
    </button>
    <span class="quantity"><?= e($quantity) ?></span>
    <button name="quantity" value="<?= e($quantity + 1) ?>">
        <span aria-hidden="true">+</span>
        <span class="visually-hidden">One <?= e($product['name']) ?> more</span>
    </button>
</form>
<p class="price"><?= e(price($quantity * $product['cents'])) ?></p>
<form class="cart-remove" method="post" action="/cart">
    <?= $session->CSRF->renderInput() ?>
    <input type="hidden" name="product" value="<?= e($id) ?>">
    <button class="button-quiet" name="action" value="remove">
        Remove<span class="visually-hidden"> <?= e($product['name']) ?></span>
    </button>
</form>
