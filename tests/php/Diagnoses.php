<?php

declare(strict_types=1);

namespace Holdfast\Tests;

/**
 * What PHP and the sanitizers say of themselves in the logs of processes: memory that a debug build found leaked, assertions
 * that did not hold, errors of AddressSanitizer. A process may say so after its last answer, so that no assertion about the
 * answer sees it. (A crash in an answer fails its test; workers that a test kills by a crash's signal are no diagnosis.)
 *
 * The environment variable HOLDFAST_DIAGNOSES names the file that collects them, a line each (make matrix).
 */
final class Diagnoses
{
    private const PATTERN = '/Freeing 0x|memory leaks detected|Assertion [`\'].*failed|ERROR: AddressSanitizer/';

    /** The names that the harness gives to logs and to files of errors. */
    private const LOGS = '/(?:^|[.-])log$|^err[A-Za-z0-9]{6}$/';

    private const MOST_BYTES = 1 << 24;

    /** @var array<string, int> how often each log is to be passed over */
    private static array $excused = [];

    /** How many pieces of memory a debug build found leaked, which it says with the name of the script. */
    public static function leaks(string $log): int
    {
        preg_match_all('/Total (\d+) memory leaks? detected/', $log, $totals);
        return (int) array_sum($totals[1]) ?: substr_count($log, 'Freeing 0x');
    }

    /** A process with this log is not collected: PHP alone says the same. */
    public static function excuse(string $log): void
    {
        self::$excused[$log] = (self::$excused[$log] ?? 0) + 1;
    }

    /** @return list<string> the lines of a log that are a diagnosis */
    public static function in(string $log): array
    {
        $lines = preg_grep(self::PATTERN, explode("\n", $log)) ?: [];
        // Of a signal that was sent, AddressSanitizer takes the sender's process id for an address: a test has sent it.
        $sent = sprintf('SEGV on unknown address 0x%012x ', getmypid());
        return array_values(array_filter($lines, static fn (string $line): bool => !str_contains($line, $sent)));
    }

    public static function collect(string $directory): void
    {
        $collection = getenv('HOLDFAST_DIAGNOSES');
        if ($collection === false || $collection === '') {
            return;
        }
        foreach (scandir($directory) ?: [] as $name) {
            $file = "$directory/$name";
            if (preg_match(self::LOGS, $name) === 1 && is_file($file) && filesize($file) <= self::MOST_BYTES) {
                $log = (string) file_get_contents($file);
                if (($left = self::$excused[$log] ?? 0) > 0) {
                    self::$excused[$log] = $left - 1;
                    continue;
                }
                foreach (self::in($log) as $line) {
                    file_put_contents($collection, "$name: $line\n", FILE_APPEND | LOCK_EX);
                }
            }
        }
    }
}
