<?php

/**
 * Calls methods of Holdfast\Store, which ?calls= (JSON: a list of [method, [argument, ...]]) names, and says what each gave.
 */

declare(strict_types=1);

use Holdfast\Store;

$results = [];
foreach (json_decode($_GET['calls'], true, flags: JSON_THROW_ON_ERROR) as [$method, $arguments]) {
    $results[] = Store::$method(...$arguments);
}
header('Content-Type: application/json');
echo json_encode($results, JSON_THROW_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE);
