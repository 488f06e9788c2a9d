<?php

declare(strict_types=1);

/**
 * @var Session $session
 * @var array<string, array<string, mixed>> $products
 */

if (isPost()) {
    $action = field('action');

    if ($action === 'empty') {
        $session->remove('cart');
        $session->message('Your cart is empty again.');
        $session->redirect('/cart', 303);
    }

    $id = field('product');
    if (!isset($products[$id])) {
        http_response_code(400);
        exit;
    }
    $name = $products[$id]['name'];

    if ($action === 'add') {
        $session->cart[$id] = min(99, ($session->cart[$id] ?? 0) + 1);
        $session->message("$name is in your cart.");
    } elseif ($action === 'remove' || (int) field('quantity') < 1) {
        unset($session->cart[$id]);
        $session->message("$name is no longer in your cart.");
    } else {
        $session->cart[$id] = min(99, (int) field('quantity'));
    }
    // The browser goes on with a GET, so a reload doesn't send the form again.
    $session->redirect('/cart', 303);
}

$cart = $session->getVal('cart', []);
$total = 0;

$title = 'Cart';
require __DIR__ . '/../templates/header.php';
?>
<h1>Your cart</h1>

<?php if ($cart === []) : ?>
    <div class="empty">
        <p>Nothing in it yet.</p>
        <p><a class="button" href="/">See the goods</a></p>
    </div>
<?php else : ?>
    <ul class="cart">
        <?php foreach ($cart as $id => $quantity) : ?>
            <?php $total += $quantity * $products[$id]['cents'] ?>
            <li><?php require __DIR__ . '/../templates/cart-line.php' ?></li>
        <?php endforeach ?>
    </ul>
    <div class="total">
        <form method="post" action="/cart">
            <?= $session->CSRF->renderInput() ?>
            <button class="button-quiet" name="action" value="empty">Empty the cart</button>
        </form>
        <p>Total <strong class="price"><?= e(price($total)) ?></strong></p>
    </div>
    <p class="small">
        There is no till: the demo ends here. Your cart is <code>$session-&gt;cart</code>;
        <a href="/session">see it in your session</a>.
    </p>
<?php endif ?>
<?php
require __DIR__ . '/../templates/footer.php';
