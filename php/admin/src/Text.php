<?php

declare(strict_types=1);

namespace Holdfast\Admin;

/**
 * Values as people read them, safe in HTML.
 */
final class Text
{
    private const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

    /** Text in HTML, between tags or in a quoted attribute. Everything that is not markup of a template goes through here. */
    public static function html(string|int $text): string
    {
        return htmlspecialchars((string) $text, ENT_QUOTES | ENT_SUBSTITUTE | ENT_HTML5, 'UTF-8');
    }

    /**
     * What a visitor has sent, in HTML: also what would not be seen, or would turn the order of letters around, shows as
     * U+FFFD.
     */
    public static function foreign(string $text): string
    {
        $valid = preg_match('//u', $text) === 1 ? $text : (string) preg_replace('/[^\x20-\x7e]/', "\u{FFFD}", $text);
        return self::html((string) preg_replace('/[\p{C}\p{Zl}\p{Zp}]/u', "\u{FFFD}", $valid));
    }

    public static function number(int $number): string
    {
        return number_format($number);
    }

    /** A count with its noun. */
    public static function count(int $number, string $one, string $many): string
    {
        return self::number($number) . ' ' . ($number === 1 ? $one : $many);
    }

    public static function bytes(int $bytes): string
    {
        $unit = 0;
        for ($size = (float) $bytes; $size >= 1000 && $unit < count(self::UNITS) - 1; ++$unit) {
            $size /= 1024;
        }
        return number_format($size, $unit === 0 || $size >= 100 ? 0 : 1) . ' ' . self::UNITS[$unit];
    }

    /** A length of time in its largest unit. */
    public static function duration(int $seconds): string
    {
        return match (true) {
            $seconds < 60 => "$seconds s",
            $seconds < 3600 => intdiv($seconds + 30, 60) . ' min',
            $seconds < 2 * 86_400 => intdiv($seconds + 1800, 3600) . ' h',
            default => intdiv($seconds + 43_200, 86_400) . ' days',
        };
    }

    /** A point in time as HTML: how far it is from now, and by the clock for who points at it. */
    public static function time(int $time, int $now): string
    {
        $far = match (true) {
            abs($time - $now) < 5 => 'just now',
            $time > $now => 'in ' . self::duration($time - $now),
            default => self::duration($now - $time) . ' ago',
        };
        return '<time datetime="' . gmdate('Y-m-d\TH:i:s\Z', $time) . '" title="' . gmdate('Y-m-d H:i:s', $time) . " UTC\">$far</time>";
    }
}
