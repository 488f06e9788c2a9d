<?php

/** `Session`: opened, one variable read, one changed, saved. */

declare(strict_types=1);

require __DIR__ . '/../variables.php';

$session = new Session();
foreach (variables() as $name => $value) {
    $session->set($name, $value);
}
$session->close();

for ($cycle = 0; $cycle < (int) $argv[1]; ++$cycle) {
    $session->start();
    $session->get('item3');
    $session->set('changed', $cycle);
    $session->close();
}
