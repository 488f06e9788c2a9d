<?php

declare(strict_types=1);

namespace Holdfast\Users;

use Holdfast\Exception\InvalidArgument;
use Holdfast\Users\Exception\InvalidPassword;

/**
 * How passwords become hashes, and how one is checked in the same time whether there is a hash or not (S37).
 */
final class Passwords
{
    public const LEAST_CHARACTERS = 8;
    public const MOST_BYTES = 4096;

    private const BCRYPT_COST = 12;

    /** bcrypt reads no further, and not beyond a NUL. */
    private const MOST_BCRYPT_BYTES = 72;

    /** Well formed hashes of nothing that anybody knows: what follows the costs are a salt and a digest by their lengths. */
    private const NOBODY_BCRYPT = '$2y$%02d$jL6r1cPYQ0fMTxKz2ahEuOWvnB5dgI8sUyXkR7oNmA3ZVeH9GtC1S';
    private const NOBODY_ARGON2ID = '$argon2id$v=19$m=%d,t=%d,p=%d$udXlgth1Vt3OqHiIYcvvHQ$ZvagI+CRKz41BaVjH5/YylJZYsElCf7ZpovX/DzCMTY';

    private readonly string $algorithm;

    /** @var array<string, int> what password_hash() takes */
    private readonly array $costs;

    /**
     * @param array<string, int|string> $options see PdoUserProvider::__construct()
     * @throws InvalidArgument on an unknown option, a value of a wrong type or range, or an algorithm that this PHP lacks
     */
    public function __construct(array $options = [])
    {
        $algorithm = $options['algorithm'] ?? PASSWORD_BCRYPT;
        unset($options['algorithm']);
        $known = match (true) {
            $algorithm === PASSWORD_BCRYPT => ['cost' => [4, self::BCRYPT_COST, 31]],
            defined('PASSWORD_ARGON2ID') && $algorithm === PASSWORD_ARGON2ID => [
                'memory_cost' => [8, PASSWORD_ARGON2_DEFAULT_MEMORY_COST, 2 ** 31],
                'time_cost' => [1, PASSWORD_ARGON2_DEFAULT_TIME_COST, 2 ** 31],
                'threads' => [1, PASSWORD_ARGON2_DEFAULT_THREADS, 255],
            ],
            default => throw new InvalidArgument(
                "The option 'algorithm' for passwords must be PASSWORD_BCRYPT or, where this PHP has it, PASSWORD_ARGON2ID."
            ),
        };
        foreach (array_diff_key($options, $known) as $name => $value) {
            throw new InvalidArgument(
                "There is no option '$name' for passwords of algorithm '$algorithm': it has " . implode(', ', array_keys($known)) . '.'
            );
        }
        $costs = [];
        foreach ($known as $name => [$least, $default, $most]) {
            $cost = $options[$name] ?? $default;
            if (!is_int($cost) || $cost < $least || $cost > $most) {
                throw new InvalidArgument("The option '$name' for passwords must be a whole number from $least to $most.");
            }
            $costs[$name] = $cost;
        }
        if ($algorithm !== PASSWORD_BCRYPT && $costs['memory_cost'] < 8 * $costs['threads']) {
            throw new InvalidArgument("The option 'memory_cost' for passwords must be at least 8 for each of 'threads'.");
        }
        $this->algorithm = $algorithm;
        $this->costs = $costs;
    }

    /**
     * May a user have this password from now on?
     *
     * @throws InvalidPassword
     */
    public static function mustBeGood(#[\SensitiveParameter] string $password): void
    {
        // Bytes that continue a character of UTF-8 are not counted; that needs neither mbstring nor valid UTF-8.
        $characters = preg_match_all('/[^\x80-\xBF]/', $password);
        if ($characters < self::LEAST_CHARACTERS) {
            throw new InvalidPassword('A password needs at least ' . self::LEAST_CHARACTERS . ' characters.');
        }
        if (strlen($password) > self::MOST_BYTES) {
            throw new InvalidPassword('A password has at most ' . self::MOST_BYTES . ' bytes.');
        }
    }

    public function hash(#[\SensitiveParameter] string $password): string
    {
        $input = $this->algorithm === PASSWORD_BCRYPT ? self::forBcrypt($password) : $password;
        return password_hash($input, $this->algorithm, $this->costs);
    }

    /**
     * Is this the password of the hash? Without a hash, and with one that is no hash ('!', to lock an account), it is not,
     * after the work that a hash of ours takes.
     */
    public function check(#[\SensitiveParameter] string $password, #[\SensitiveParameter] ?string $hash): bool
    {
        if (strlen($password) > self::MOST_BYTES) {
            return false;
        }
        if ($hash !== null && self::isHash($hash) && self::verify($password, $hash)) {
            return true;
        }
        foreach ($this->hashesOfNobody($hash) as $nobody) {
            self::verify($password, $nobody);
        }
        return false;
    }

    /** Was the hash made with another algorithm or other costs than hash() uses? */
    public function isOutdated(#[\SensitiveParameter] string $hash): bool
    {
        return password_needs_rehash($hash, $this->algorithm, $this->costs);
    }

    /**
     * What to verify in vain, so that a refusal takes as long as that of a hash of ours.
     *
     * For bcrypt this also lifts hashes of lower cost, those that were made before the cost was raised: verifying takes
     * time 2^cost, and 2^c + (2^c + 2^(c+1) + ... + 2^(C-1)) = 2^C.
     *
     * @return list<string>
     */
    private function hashesOfNobody(#[\SensitiveParameter] ?string $hash): array
    {
        $isHash = $hash !== null && self::isHash($hash);
        if ($this->algorithm !== PASSWORD_BCRYPT) {
            return $isHash ? [] : [sprintf(
                self::NOBODY_ARGON2ID,
                $this->costs['memory_cost'],
                $this->costs['time_cost'],
                $this->costs['threads']
            )];
        }
        $bcrypt = static fn (int $cost): string => sprintf(self::NOBODY_BCRYPT, $cost);
        if (!$isHash) {
            return [$bcrypt($this->costs['cost'])];
        }
        $cost = self::bcryptCost($hash);
        return $cost === null || $cost >= $this->costs['cost'] ? [] : array_map($bcrypt, range($cost, $this->costs['cost'] - 1));
    }

    private static function verify(#[\SensitiveParameter] string $password, #[\SensitiveParameter] string $hash): bool
    {
        return password_verify(self::bcryptCost($hash) === null ? $password : self::forBcrypt($password), $hash);
    }

    /** Is it a hash that password_verify() of this PHP works on? bcrypt or Argon2. */
    private static function isHash(#[\SensitiveParameter] string $hash): bool
    {
        return self::bcryptCost($hash) !== null || str_starts_with((string) password_get_info($hash)['algo'], 'argon2');
    }

    /** null when it is no hash of bcrypt. */
    private static function bcryptCost(#[\SensitiveParameter] string $hash): ?int
    {
        return preg_match('/^\$2[ay]\$(\d\d)\$[.\/A-Za-z0-9]{53}$/D', $hash, $parts) === 1 ? (int) $parts[1] : null;
    }

    /**
     * Longer passwords than bcrypt reads, and those with a NUL, go through SHA-384 first; as base64 that is 64 bytes
     * without a NUL. The key keeps these digests apart from those of other sites and uses: who has a list of plain SHA-384
     * digests of passwords can't try them here.
     */
    private static function forBcrypt(#[\SensitiveParameter] string $password): string
    {
        return strlen($password) > self::MOST_BCRYPT_BYTES || str_contains($password, "\0")
            ? base64_encode(hash_hmac('sha384', $password, 'holdfast-users-bcrypt', true))
            : $password;
    }
}
