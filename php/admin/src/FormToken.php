<?php

declare(strict_types=1);

namespace Holdfast\Admin;

/**
 * Keeps other sites from sending the page's forms (S31 to S33), whatever sessions the site has: a random cookie of the page's
 * own, and in each form a keyed hash under it. Beside that the browser must say, as all of today's do, that the form
 * was on this site's own page: another host of the same domain could plant a cookie.
 */
final class FormToken
{
    private const COOKIE = 'holdfast-admin';
    private const BYTES = 32;

    private readonly string $cookie;

    public function __construct(private readonly string $actor)
    {
        $cookie = $_COOKIE[self::cookieName()] ?? '';
        $this->cookie = is_string($cookie) && preg_match('/^[0-9a-f]{64}$/D', $cookie) === 1 ? $cookie : self::issue();
    }

    /** A hidden field. It looks different in each page, so that no compression tells it letter by letter. */
    public function field(): string
    {
        $pad = random_bytes(self::BYTES);
        return '<input type="hidden" name="' . Links::PREFIX . 'token" value="' . bin2hex($pad . ($pad ^ $this->hash())) . '">';
    }

    /** Was the form that was sent one of this page's own, made for the same person? */
    public function isValid(): bool
    {
        $token = Links::field('token');
        if (!self::isFromHere() || preg_match('/^[0-9a-f]{128}$/D', $token) !== 1) {
            return false;
        }
        [$pad, $masked] = str_split((string) hex2bin($token), self::BYTES);
        return hash_equals($this->hash(), $pad ^ $masked);
    }

    private function hash(): string
    {
        return hash_hmac('sha256', "holdfast admin form 1\0{$this->actor}", $this->cookie, true);
    }

    /** By Sec-Fetch-Site, which browsers send over HTTPS; else by Origin. Who sends neither has only the token. */
    private static function isFromHere(): bool
    {
        if (isset($_SERVER['HTTP_SEC_FETCH_SITE'])) {
            return $_SERVER['HTTP_SEC_FETCH_SITE'] === 'same-origin';
        }
        if (!isset($_SERVER['HTTP_ORIGIN'])) {
            return true;
        }
        $host = (string) preg_replace('~^https?://~i', '', $_SERVER['HTTP_ORIGIN']);
        return strcasecmp($host, (string) ($_SERVER['HTTP_HOST'] ?? '')) === 0;
    }

    private static function issue(): string
    {
        $cookie = bin2hex(random_bytes(self::BYTES));
        setcookie(self::cookieName(), $cookie, [
            'path' => '/',
            'secure' => self::isHttps(),
            'httponly' => true,
            // A link from elsewhere may lead to the page; Strict would give it another cookie then, and spoil open forms.
            'samesite' => 'Lax',
        ]);
        return $cookie;
    }

    /** Over HTTPS no other host can set a cookie of this name. */
    private static function cookieName(): string
    {
        return (self::isHttps() ? '__Host-' : '') . self::COOKIE;
    }

    public static function isHttps(): bool
    {
        return !in_array(strtolower((string) ($_SERVER['HTTPS'] ?? '')), ['', 'off'], true);
    }
}
