<?php

declare(strict_types=1);

/**
 * @var Session $session
 * @var string $id
 * @var array<string, mixed> $product
 */
?>
<article class="card">
    <div class="tile tile-<?= e($product['tile']) ?>">
        <?php readfile(__DIR__ . "/art/$id.svg") ?>
    </div>
    <h3><a href="/product/<?= e($id) ?>"><?= e($product['name']) ?></a></h3>
    <p><?= e($product['line']) ?></p>
    <form class="buy" method="post" action="/cart">
        <?= $session->CSRF->renderInput() ?>
        <input type="hidden" name="product" value="<?= e($id) ?>">
        <span class="price"><?= e(price($product['cents'])) ?></span>
        <button class="button-quiet" name="action" value="add">
            Add<span class="visually-hidden"> <?= e($product['name']) ?> to the cart</span>
        </button>
    </form>
</article>
