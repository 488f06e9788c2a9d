<?php

declare(strict_types=1);

namespace Holdfast\Admin;

/**
 * The end of the audit log, where it is a file: the last events first. However long the file is, a bounded part of it is read.
 */
final class AuditTrail
{
    /** Events on a page. */
    public const MOST = 100;

    /** Bytes that are read at once, and at most for a page. */
    private const PIECE = 1 << 16;
    private const MOST_BYTES = 1 << 21;

    /** What happened, by event and reason, for people. */
    private const WORDS = [
        'create' => ['' => 'Session began', 'chosen_id' => 'Session began, with an id of the application'],
        'rotate' => ['' => 'New id', 'renewal' => 'New id, for its age'],
        'destroy' => [
            '' => 'Session ended', 'logout' => 'Logged out', 'ended' => 'Ended from another device', 'others' => 'Other devices logged out',
            'all' => 'All devices logged out', 'operator' => 'Ended by an operator', 'undecodable' => 'Ended: PHP could not decode it',
        ],
        'reject' => [
            '' => 'Id refused', 'malformed' => 'Id refused: no id at all', 'foreign' => 'Id refused: not issued here',
            'ended' => 'Id refused: its session has ended', 'unknown' => 'Id refused: no session', 'duplicate' => 'Two different cookies',
            'browser' => 'Id refused: another browser’s',
        ],
        'login' => ['' => 'Logged in', 'forced' => 'Logged in by the application', 'remembered' => 'Came back, remembered'],
        'remember' => ['' => 'Stays logged in', 'stolen' => 'Copied login cookie: ended'],
        'login_failed' => [
            '' => 'Login failed', 'password' => 'Login failed: password', 'unknown_user' => 'Login failed: unknown name',
            'not_allowed' => 'Login failed: not allowed', 'overtaken' => 'Login failed: overtaken by a logout',
        ],
        'throttle' => ['' => 'Login had to wait'],
        'limit' => ['' => 'Too many sessions', 'refused' => 'Too many sessions: login refused', 'ended' => 'Too many sessions: oldest ended'],
        'lock' => ['' => 'Control panel locked'],
        'expire' => ['' => 'Expired', 'more' => 'More expired'],
        'evict' => ['' => 'Gave way to a full store', 'more' => 'More gave way'],
    ];

    /**
     * @param string $state 'off', 'syslog', 'absent', 'unreadable' or 'file'
     * @param string $place the file, or what holdfast.audit says
     * @param list<array<string, mixed>> $events the last ones first
     * @param int|null $older where those before them end, in bytes of the file; null: there are none
     */
    private function __construct(
        public readonly string $state,
        public readonly string $place,
        public readonly array $events = [],
        public readonly ?int $older = null
    ) {
    }

    /**
     * @param string $target what holdfast.audit says
     * @param int|null $before read what comes before this byte; null: the end
     * @param string $event of these events alone; '' = all
     * @param string $search those in which this text is found in a field, in whatever case; '' = all
     */
    public static function read(string $target, ?int $before, string $event, string $search): self
    {
        if ($target === '' || $target === 'syslog' || str_starts_with($target, 'syslog:')) {
            return new self($target === '' ? 'off' : 'syslog', $target);
        }
        if (!file_exists($target)) {
            return new self('absent', $target);
        }
        $file = is_file($target) ? @fopen($target, 'rb') : false;
        if ($file === false) {
            return new self('unreadable', $target);
        }
        $size = (int) fstat($file)['size'];
        $end = min($before ?? $size, $size);
        $events = [];
        $older = max(0, $end - self::MOST_BYTES);
        foreach (self::linesBefore($file, $end) as $start => $line) {
            $fields = json_decode($line, true);
            if (is_array($fields) && self::isWanted($fields, $event, $search)) {
                $events[] = $fields;
            }
            $older = $start;
            if (count($events) === self::MOST) {
                break;
            }
        }
        fclose($file);
        return new self('file', $target, $events, $older > 0 ? $older : null);
    }

    /** @param array<string, mixed> $event of events */
    public static function words(array $event): string
    {
        $name = is_string($event['event'] ?? null) ? $event['event'] : '';
        $reason = is_string($event['reason'] ?? null) ? $event['reason'] : '';
        return self::WORDS[$name][$reason] ?? self::WORDS[$name][''] ?? trim("$name $reason");
    }

    /** @return array<string, string> the events, with their words */
    public static function kinds(): array
    {
        return array_map(static fn (array $words): string => $words[''], self::WORDS);
    }

    /**
     * The lines that end before a byte of the file, the last one first, by where they begin; of a line that is cut off by that
     * byte, nothing.
     *
     * @param resource $file
     * @return iterable<int, string>
     */
    private static function linesBefore($file, int $end): iterable
    {
        $least = max(0, $end - self::MOST_BYTES);
        $carry = '';
        while ($end > $least) {
            $start = max($least, $end - self::PIECE);
            $piece = stream_get_contents($file, $end - $start, $start) . $carry;
            $lines = explode("\n", $piece);
            $unfinished = (string) array_pop($lines);
            $at = $start + strlen($piece) - strlen($unfinished);
            // The first one began in the piece before.
            $first = $start > 0 ? array_shift($lines) : null;
            foreach (array_reverse($lines) as $line) {
                $at -= strlen($line) + 1;
                yield $at => $line;
            }
            $carry = $first !== null ? "$first\n" : ($start > 0 ? $unfinished : '');
            $end = $start;
        }
    }

    /** @param array<string, mixed> $fields */
    private static function isWanted(array $fields, string $event, string $search): bool
    {
        if ($event !== '' && ($fields['event'] ?? '') !== $event) {
            return false;
        }
        foreach ($search === '' ? [''] : $fields as $field) {
            if ($search === '' || (is_scalar($field) && stripos((string) $field, $search) !== false)) {
                return true;
            }
        }
        return false;
    }
}
