<?php

declare(strict_types=1);

$session = new Session();
header('Content-Type: text/plain');
if ($_SERVER['REQUEST_METHOD'] === 'POST') {
    echo $session->getCSRF()->hasValidToken() ? 'valid' : 'not valid';
} else {
    echo $session->CSRF()->renderInput();
}
