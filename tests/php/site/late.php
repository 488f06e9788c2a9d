<?php

/**
 * Writes for the first time when the headers are gone.
 */

declare(strict_types=1);

ini_set('display_errors', '1');
$session = new Session();
echo 'output';
flush();
try {
    match ($_GET['do'] ?? 'set') {
        'set' => $session->set('late', true),
        'regenerate' => print(json_encode($session->regenerate())),
    };
} catch (Throwable $error) {
    echo get_class($error), ': ', $error->getMessage();
}
echo 'the end';
