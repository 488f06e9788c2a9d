<?php
session_start();

if (!isset($_SESSION['visits'])) {
    $_SESSION['visits'] = 0;
}
$_SESSION['visits']++;
?>
<!DOCTYPE html>
<html>
<head><title>My shop</title></head>
<body>
<?php if (isset($_SESSION['flash'])) : ?>
    <p class="flash"><?= htmlspecialchars($_SESSION['flash']) ?></p>
    <?php unset($_SESSION['flash']); ?>
<?php endif; ?>

<?php if (isset($_SESSION['username'])) : ?>
    <p class="user">Welcome, <?= htmlspecialchars($_SESSION['username']) ?>! <a href="logout.php">Log out</a></p>
<?php else : ?>
    <form action="login.php" method="post">
        <input name="username"> <input name="password" type="password"> <button>Log in</button>
    </form>
<?php endif; ?>

<p class="visits">You were here <?= $_SESSION['visits'] ?> times.</p>
<ul>
<?php foreach ($_SESSION['cart'] ?? [] as $product => $item) : ?>
    <li><?= htmlspecialchars($product) ?>: <?= $item['quantity'] ?></li>
<?php endforeach; ?>
</ul>
</body>
</html>
