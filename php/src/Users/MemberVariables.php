<?php

declare(strict_types=1);

namespace Holdfast\Users;

use Holdfast\Exception\InvalidArgument;
use JsonException;

/**
 * What of a member's userdata the tables can keep, and in which form. A value of the wrong type must not get into them: a
 * session refuses it, and the member could not log in any more.
 */
final class MemberVariables
{
    /** Those with a column of their own in the members' table; '' there is the default. */
    public const COLUMNS = ['screen_name', 'email', 'language', 'timezone', 'time_format'];

    /** All others that docs/expressionengine-api.md has as member data, with their types there. */
    public const TYPES = [
        'channel_id' => 'int',
        'tmpl_group_id' => 'int',
        'last_visit' => 'int',
        'total_entries' => 'int',
        'total_comments' => 'int',
        'total_forum_posts' => 'int',
        'total_forum_topics' => 'int',
        'total_forum_replies' => 'int',
        'last_forum_post_date' => 'int',
        'profile_theme' => 'string',
        'forum_theme' => 'string',
        'private_messages' => 'int',
        'accept_messages' => 'y/n',
        'display_signatures' => 'y/n',
        'display_avatars' => 'y/n',
        'last_email_date' => 'int',
        'notify_by_default' => 'y/n',
        'ignore_list' => 'array',
        'exclude_from_moderation' => 'y/n',
        'search_flood_control' => 'int',
        'include_in_memberlist' => 'y/n',
        'display_photos' => 'y/n',
        'theme' => 'string',
        'quick_links' => 'string',
        'template_size' => 'int',
        'assigned_channels' => 'array',
        'assigned_modules' => 'array',
        'show_sidebar' => 'y/n',
    ];

    /** What comes from elsewhere, and where it is set. */
    public const ELSEWHERE = [
        'username' => 'rename()',
        'group_id' => 'setMemberRole()',
        'group_title' => 'Roles::rename()',
        'is_locked' => 'Roles::setLocked()',
        'is_banned' => 'the role',
        'member_id' => 'the session',
        'session_id' => 'the session',
        'admin_sess' => 'the session',
        'can_debug' => 'the session',
        'ip_address' => 'the request',
        'user_agent' => 'the request',
    ];

    private const PRIVILEGE = '/^can_[A-Za-z0-9_]{1,60}$/D';
    private const NAME = '/^[A-Za-z_][A-Za-z0-9_]{0,63}$/D';
    private const COLUMN = '/^[^\x00]{0,255}$/Du';
    private const JSON = JSON_THROW_ON_ERROR | JSON_PRESERVE_ZERO_FRACTION;

    /**
     * Variables with the types of the documentation.
     *
     * @param array<array-key, mixed> $variables by name; null removes one
     * @return array<string, mixed>
     * @throws InvalidArgument
     */
    public static function checked(array $variables): array
    {
        $checked = [];
        foreach ($variables as $name => $value) {
            $name = (string) $name;
            if (preg_match(self::NAME, $name) !== 1) {
                throw new InvalidArgument('The name of a variable has 1 to 64 letters from A to Z, digits and _, and begins with no digit.');
            }
            $elsewhere = self::ELSEWHERE[$name] ?? (str_starts_with($name, 'can_') ? 'Roles::setPrivileges()' : null);
            if ($elsewhere !== null) {
                throw new InvalidArgument("$name can't be set here: it comes from $elsewhere.");
            }
            $checked[$name] = $value === null ? null : self::typed($name, $value);
        }
        return $checked;
    }

    /**
     * The names of privileges, each once.
     *
     * @param array<array-key, mixed> $names
     * @return list<string>
     * @throws InvalidArgument
     */
    public static function privileges(array $names): array
    {
        foreach ($names as $name) {
            if (!is_string($name) || preg_match(self::PRIVILEGE, $name) !== 1) {
                throw new InvalidArgument(
                    'Privileges are given as a list of names that begin with can_ and have at most 64 letters from A to Z, digits and _.'
                );
            }
        }
        return array_values(array_unique($names));
    }

    /** @param array<array-key, mixed> $value a list, or an array by name */
    public static function encode(array $value, bool $isList = false): string
    {
        return json_encode($isList ? $value : (object) $value, self::JSON);
    }

    /** @return array<array-key, mixed>|null null when it is no such text */
    public static function decode(string $json): ?array
    {
        $value = json_decode($json, true);
        return is_array($value) ? $value : null;
    }

    private static function typed(string $name, mixed $value): mixed
    {
        $type = in_array($name, self::COLUMNS, true) ? 'column' : self::TYPES[$name] ?? 'any';
        $typed = match ($type) {
            'int' => match (true) {
                is_int($value), is_bool($value) => (int) $value,
                is_string($value) && (string) (int) $value === $value => (int) $value,
                default => null,
            },
            'y/n' => match (true) {
                is_bool($value) => $value ? 'y' : 'n',
                $value === 'y', $value === 'n' => $value,
                default => null,
            },
            'string', 'column' => is_string($value) || is_int($value) ? (string) $value : null,
            'array' => is_array($value) ? $value : null,
            'any' => $value,
        };
        if ($typed === null || $type === 'column' && preg_match(self::COLUMN, $typed) !== 1 || !self::comesBack($typed)) {
            throw new InvalidArgument("$name must be " . match ($type) {
                'int' => 'an integer, or its digits',
                'y/n' => "'y', 'n' or a boolean",
                'string' => 'a string of UTF-8',
                'column' => 'a string of UTF-8 with at most 255 characters, none of them NUL',
                'array' => 'an array of what JSON can hold',
                'any' => 'something that JSON can hold: a string of UTF-8, a number, a boolean, or an array of these',
            } . '; null removes it.');
        }
        return $typed;
    }

    private static function comesBack(mixed $value): bool
    {
        try {
            return json_decode(json_encode($value, self::JSON), true, 512, JSON_THROW_ON_ERROR) === $value;
        } catch (JsonException) {
            return false;
        }
    }
}
