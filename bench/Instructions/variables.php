<?php

declare(strict_types=1);

/** @return array<string, mixed> what the measured sessions hold: 20 arrays, and a number that is changed */
function variables(): array
{
    $variables = ['changed' => -1];
    foreach (range(0, 19) as $n) {
        $variables["item$n"] = ['id' => $n, 'name' => "Product number $n", 'price' => 9.5 + $n, 'tags' => ['green', 'tea']];
    }
    return $variables;
}
