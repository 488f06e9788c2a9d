<?php

declare(strict_types=1);

namespace Holdfast\Admin;

/**
 * What a browser calls itself, in short. It is the visitor's word.
 */
final class Browser
{
    /** Where several match, the first one: browsers also name those whose pages they can show. */
    private const NAMES = [
        'Edge' => '~\bEdg(?:e|A|iOS)?/(\d+)~',
        'Opera' => '~\bOPR/(\d+)~',
        'Samsung Internet' => '~\bSamsungBrowser/(\d+)~',
        'Firefox' => '~\b(?:Firefox|FxiOS)/(\d+)~',
        'Chrome' => '~\b(?:Chrome|CriOS)/(\d+)~',
        'Safari' => '~\bVersion/(\d+)[\d.]* (?:Mobile/\w+ )?Safari/~',
        'curl' => '~^curl/(\d+)~',
    ];

    private const SYSTEMS = [
        'iPhone' => '~\biPhone\b~',
        'iPad' => '~\biPad\b~',
        'Android' => '~\bAndroid\b~',
        'Windows' => '~\bWindows\b~',
        'macOS' => '~\bMac OS X\b|\bMacintosh\b~',
        'ChromeOS' => '~\bCrOS\b~',
        'Linux' => '~\bLinux\b~',
    ];

    /** Of a name that nothing is known of so many letters are shown. */
    private const MOST = 60;

    public static function of(string $userAgent): string
    {
        foreach (self::NAMES as $name => $pattern) {
            if (preg_match($pattern, $userAgent, $found) === 1) {
                $system = self::system($userAgent);
                return "$name $found[1]" . ($system === null ? '' : " on $system");
            }
        }
        // Cut off between letters; of what is no UTF-8 nobody knows where those are.
        $most = self::MOST;
        return preg_match("/^.{{$most}}(?=.)/su", $userAgent, $found) === 1 ? "$found[0]…" : substr($userAgent, 0, 4 * $most);
    }

    private static function system(string $userAgent): ?string
    {
        foreach (self::SYSTEMS as $name => $pattern) {
            if (preg_match($pattern, $userAgent) === 1) {
                return $name;
            }
        }
        return null;
    }
}
