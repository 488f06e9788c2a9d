<?php

declare(strict_types=1);

namespace Holdfast\Users;

/** Stands in for PHP's own function in the library's namespace: notes which hashes were worked on. */
function password_verify(string $password, string $hash): bool
{
    $GLOBALS['verified'][] = $hash;
    return \password_verify($password, $hash);
}

/** What was verified since the last call, as [algorithm, its costs]. */
function verified(): array
{
    $verified = array_map(static function (string $hash): array {
        $info = password_get_info($hash);
        return [$info['algoName'], $info['options']];
    }, $GLOBALS['verified'] ?? []);
    $GLOBALS['verified'] = [];
    return $verified;
}

/** The time that bcrypt took since the last call, in units of cost 0. */
function bcryptWork(): int
{
    return array_sum(array_map(static function (array $done): int {
        assert($done[0] === 'bcrypt');
        return 2 ** $done[1]['cost'];
    }, verified()));
}
