<?php

/** Knows $_SESSION alone: ?do=count counts the visits, ?do=set stores an object. */

declare(strict_types=1);

final class Basket
{
    public string $content = 'geheim';
}

session_start();
$_SESSION['n'] = ($_SESSION['n'] ?? 0) + 1;
if ($_GET['do'] === 'set') {
    $_SESSION['basket'] = new Basket();
}
header('Content-Type: application/json');
echo json_encode(['said' => $_SESSION['n']]);
