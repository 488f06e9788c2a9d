<?php

// A request that ends by exit, inside a callback, with output buffers open.

declare(strict_types=1);

$session = new Session();
ob_start(static function (string $output): string {
    Session::current()->fromTheBuffer = true;
    return '';
});
array_map(static function (int $n) use ($session): void {
    $session->list[] = $n;
    if ($n === 2) {
        exit(0);
    }
}, [1, 2, 3]);
