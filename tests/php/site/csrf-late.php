<?php

/**
 * Asks for tokens when the headers are gone.
 */

declare(strict_types=1);

$warnings = [];
set_error_handler(static function (int $level, string $text) use (&$warnings): bool {
    $warnings[] = $text;
    return true;
});
echo "<h1>Too late</h1>\n";
flush();
$csrf = (new Session())->CSRF;
echo json_encode(['tokens' => [$csrf->getToken(), $csrf->getToken(), $csrf->getSingleUseToken()], 'warnings' => $warnings]);
