<?php

namespace Holdfast\AddOn\Serving;

use Holdfast\Exception\InvalidArgument;
use Holdfast\Session;

/** The sessions of the extension Holdfast that the add-on uses. */
final class Store
{
    /** The variable of the record of what has changed. */
    public const CHANGES = 'changes';

    private const COOKIE = 'holdfast';

    /** An id is bound to it, so it is the same for all sites of an installation, whatever their cookies are called. */
    private const NAME_OF_CHANGES = 'holdfast_changes';

    /** Ten years: it ends when nobody asks for it. */
    private const FOREVER = 315360000;

    /** What a visitor's session is for ends with the request: nothing of what sites switch on for their own. */
    private const PLAIN = [
        'locking' => false, 'history' => 0, 'tracker' => false, 'control_panel' => false, 'renewal_interval' => 0,
        'absolute_lifetime' => 0, 'cookie_lifetime' => 0,
    ];

    public static function isThere(): bool
    {
        return class_exists(Session::class, false);
    }

    /** Whether it can be read; why not is in PHP's error log. */
    public static function answers(): bool
    {
        try {
            // Something that is never done without the store.
            self::ofVisitor(1)->delete_old_sessions();

            return true;
        } catch (\Throwable $failure) {
            error_log('Holdfast: ' . $failure->getMessage());

            return false;
        }
    }

    /** A visitor's own, by a cookie beside ExpressionEngine's. */
    public static function ofVisitor(int $lifetime): Session
    {
        self::leaveCurrent();

        return new Session([
            'cookie_name' => self::cookieName(),
            'cookie_path' => ee()->config->item('cookie_path') ?: '/',
            'cookie_domain' => (string) ee()->config->item('cookie_domain'),
            'cookie_secure' => bool_config_item('cookie_secure') ? true : 'auto',
            'cookie_httponly' => true,
            'cookie_samesite' => 'Lax',
            'cookie_host_prefix' => false,
            'lifetime' => max(1, $lifetime),
        ] + self::PLAIN);
    }

    /** The record of what has changed. Its id is in the settings. */
    public static function ofChanges(string $id): Session
    {
        return self::changes(['id' => $id]);
    }

    /**
     * Makes a record of what has changed, which is nobody's.
     *
     * @param string $old the id of the one that is gone; '' when there was none
     * @param array<string, mixed> $record
     * @param callable(string): bool $publish is given its id; when it gives false, the record is removed again.
     */
    public static function newChanges(string $old, array $record, callable $publish): void
    {
        // A new session has a cookie, which this visitor must not get.
        $cookies = preg_grep('/^Set-Cookie:/i', headers_list());
        try {
            $session = self::emptyChanges($old);
            $session->set(self::CHANGES, $record);
            $session->save();
            $publish($session->getId()) ? $session->close() : $session->destroy();
        } finally {
            header_remove('Set-Cookie');
            foreach ($cookies as $cookie) {
                header($cookie, false);
            }
        }
    }

    private static function emptyChanges(string $old): Session
    {
        if ($old !== '') {
            try {
                $session = self::ofChanges($old);
                $session->init();

                // Under its id it can't come back: it gets another one.
                return $session;
            } catch (InvalidArgument) {
                // It is an id of another store's.
            }
        }

        return self::changes([]);
    }

    /** @param array<string, mixed> $options */
    private static function changes(array $options): Session
    {
        self::leaveCurrent();

        return new Session($options + ['cookie_name' => self::NAME_OF_CHANGES, 'lifetime' => self::FOREVER] + self::PLAIN);
    }

    /** The request's current session, which is the one that is made first, is the site's and none of these. */
    private static function leaveCurrent(): void
    {
        static $left = false;
        if (! $left) {
            Session::current();
            $left = true;
        }
    }

    private static function cookieName(): string
    {
        $prefix = ee()->config->item('cookie_prefix') ?: 'exp';

        return preg_replace('/[^A-Za-z0-9_-]/', '', (string) $prefix) . '_' . self::COOKIE;
    }
}
