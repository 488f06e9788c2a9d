<?php

namespace Holdfast\AddOn\Serving;

/** Hashes of passwords and the like don't lie open in the store: they are sealed with the key of the site's configuration. */
final class Secrets
{
    private const CIPHER = 'aes-256-gcm';
    private const NONCE = 12;
    private const TAG = 16;

    public static function canBeKept(): bool
    {
        return (string) ee()->config->item('encryption_key') !== '';
    }

    /** @param array<string, mixed> $secrets */
    public static function seal(array $secrets, string $for): string
    {
        $nonce = random_bytes(self::NONCE);
        $sealed = openssl_encrypt(serialize($secrets), self::CIPHER, self::key(), OPENSSL_RAW_DATA, $nonce, $tag, $for, self::TAG);

        return $nonce . $tag . $sealed;
    }

    /** @return array<string, mixed>|null null when it was sealed with another key, or for something else */
    public static function open(string $sealed, string $for): ?array
    {
        $opened = openssl_decrypt(
            substr($sealed, self::NONCE + self::TAG),
            self::CIPHER,
            self::key(),
            OPENSSL_RAW_DATA,
            substr($sealed, 0, self::NONCE),
            substr($sealed, self::NONCE, self::TAG),
            $for
        );

        return $opened === false ? null : unserialize($opened, ['allowed_classes' => false]);
    }

    private static function key(): string
    {
        return hash_hkdf('sha256', (string) ee()->config->item('encryption_key'), 32, 'holdfast: what is kept of a member');
    }
}
