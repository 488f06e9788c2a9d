<?php

declare(strict_types=1);

/**
 * @var Session $session
 * @var array<string, array<string, mixed>> $products
 */

allowMethods('GET', 'HEAD');

$title = 'Harbour goods';
require __DIR__ . '/../templates/header.php';
?>
<section class="hero">
    <div>
        <h1>Goods that hold&nbsp;fast.</h1>
        <p>
            A small harbour shop in plain PHP. Several processes take turns to serve it, and all of them
            find your cart in the same Holdfast session.
        </p>
    </div>
    <div class="hero-hoist">
        <?php require __DIR__ . '/../templates/hoist.php' ?>
        <p class="small">
            <?php if (count(requestsByProcess($session)) === 9 && processesInAll() === 9) : ?>
                Every process has served you, and the flags spell HOLDFAST. Your session came along each time.
                <a href="/session">Look inside</a>
            <?php else : ?>
                Each flag is a process that has served you. <a href="/">Load the page again</a> until they are
                all up.
            <?php endif ?>
        </p>
    </div>
</section>

<section aria-labelledby="all">
    <h2 id="all" class="visually-hidden">All goods</h2>
    <ul class="grid">
        <?php foreach ($products as $id => $product) : ?>
            <li><?php require __DIR__ . '/../templates/product-card.php' ?></li>
        <?php endforeach ?>
    </ul>
</section>
<?php
require __DIR__ . '/../templates/footer.php';
