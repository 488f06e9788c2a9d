<?php
session_start();

$product = $_POST['product'];
$quantity = (int) $_POST['quantity'];

if (isset($_SESSION['cart'][$product])) {
    $_SESSION['cart'][$product]['quantity'] += $quantity;
} else {
    $_SESSION['cart'][$product] = array('quantity' => $quantity);
}
$_SESSION['flash'] = "$product is in your cart.";

header('Location: index.php');
