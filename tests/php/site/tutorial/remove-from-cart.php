<?php
session_start();

unset($_SESSION['cart'][$_POST['product']]);

header('Location: index.php');
