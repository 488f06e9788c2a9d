<?php

declare(strict_types=1);

/*
 * What computers say, in words.
 */

/** A browser and its system, as far as it says what it is: "Firefox on Windows". Many claim to be several. */
function deviceInWords(string $userAgent): string
{
    $browsers = [
        'Edge' => '~\bEdg(A|iOS)?/~',
        'Opera' => '~\bOPR/~',
        'Samsung Internet' => '~\bSamsungBrowser/~',
        'Firefox' => '~\b(Firefox|FxiOS)/~',
        'Chrome' => '~\b(Chrome|Chromium|CriOS)/~',
        'Safari' => '~\bSafari/~',
    ];
    $systems = [
        'an iPhone' => '~\biPhone\b~',
        'an iPad' => '~\biPad\b~',
        'Android' => '~\bAndroid\b~',
        'Windows' => '~\bWindows\b~',
        'a Mac' => '~\bMacintosh\b~',
        'ChromeOS' => '~\bCrOS\b~',
        'Linux' => '~\bLinux\b~',
    ];
    $first = function (array $patterns) use ($userAgent): ?string {
        foreach ($patterns as $name => $pattern) {
            if (preg_match($pattern, $userAgent) === 1) {
                return $name;
            }
        }

        return null;
    };
    $system = $first($systems);

    return ($first($browsers) ?? 'A browser') . ($system === null ? '' : " on $system");
}

/** A moment of the past, in Unix seconds. */
function ago(int $moment): string
{
    $seconds = time() - $moment;

    return match (true) {
        $seconds < 60 => 'just now',
        $seconds < 3600 => plural(intdiv($seconds, 60), 'minute', 'minutes') . ' ago',
        $seconds < 86400 => plural(intdiv($seconds, 3600), 'hour', 'hours') . ' ago',
        default => 'on ' . gmdate('j F Y', $moment),
    };
}

/** What loginWait() says, in seconds: 0 is no pause, PHP_INT_MAX one without end. */
function pauseInWords(int $seconds): string
{
    $time = match (true) {
        $seconds <= 90 => plural($seconds, 'second', 'seconds'),
        default => plural((int) ceil($seconds / 60), 'minute', 'minutes'),
    };

    return match ($seconds) {
        0 => '',
        PHP_INT_MAX => 'No more are taken, because so many were wrong.',
        default => "Please wait $time before the next one.",
    };
}
