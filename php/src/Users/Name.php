<?php

declare(strict_types=1);

namespace Holdfast\Users;

use Holdfast\Users\Exception\InvalidName;

/**
 * The name that a user logs in with, and the key that it is found by.
 *
 * Its characters are those that an e-mail address may have without quotes (RFC 5322, 3.2.3), so that an address can be a
 * name. ASCII alone, because then no two names look alike, and databases, their collations and PHP's extensions can't
 * disagree on which names are equal.
 */
final class Name
{
    /** The longest e-mail address has as many (RFC 5321, 4.5.3.1.3). */
    public const MOST_CHARACTERS = 254;

    private const ALLOWED = '/^[A-Za-z0-9.@!#$%&\'*+\/=?^_`{|}~-]{1,' . self::MOST_CHARACTERS . '}$/D';

    /** Forms and keyboards of telephones add them. */
    private const AROUND = " \t\r\n";

    /**
     * @param string $text as it was given, without spaces around it
     * @param string $key the same in lower case: what is unique
     */
    private function __construct(public readonly string $text, public readonly string $key)
    {
    }

    /** @throws InvalidName */
    public static function from(string $name): self
    {
        return self::tryFrom($name) ?? throw new InvalidName(
            'A user name has 1 to ' . self::MOST_CHARACTERS . ' characters: letters from A to Z, digits, and those that'
            . " an e-mail address may have (. @ - _ + and ! # $ % & ' * / = ? ^ ` { | } ~), without spaces."
        );
    }

    /** null when no user can have this name. */
    public static function tryFrom(string $name): ?self
    {
        $text = trim($name, self::AROUND);
        if (preg_match(self::ALLOWED, $text) !== 1) {
            return null;
        }
        // Not strtolower(): before PHP 8.2 it goes by the locale, and in Turkish I is not the capital of i.
        return new self($text, strtr($text, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz'));
    }
}
