<?php

// Every kind of value, written, saved and read anew from the store.

declare(strict_types=1);

require __DIR__ . '/../../Values/samples.php';

$session = new Session();
foreach (samples() as $name => $value) {
    $session->set($name, $value);
}
$session->close();
$session->start();
foreach (samples() as $name => $value) {
    $session->get($name);
    $session->set($name, $value);
}
$session->save();
$session->close();
$session->start();
foreach (array_keys(samples()) as $name) {
    $session->remove($name);
}
