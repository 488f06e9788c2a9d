<?php

declare(strict_types=1);

namespace Holdfast\Tests\Audit;

use PHPUnit\Framework\Assert;

/**
 * A file of audit events, read from where it was read last.
 */
final class AuditLog
{
    private int $read = 0;

    public function __construct(public readonly string $path)
    {
    }

    /** @return list<array<string, mixed>> the events that were written since the last call */
    public function news(): array
    {
        $lines = is_file($this->path) ? (string) file_get_contents($this->path, offset: $this->read) : '';
        $this->read += strlen($lines);
        return self::parse($lines);
    }

    /** @return list<array<string, mixed>> the events of these lines, each whole and with a time in this hour */
    public static function parse(string $lines): array
    {
        Assert::assertTrue($lines === '' || str_ends_with($lines, "\n"), $lines);
        $events = [];
        foreach (explode("\n", $lines, -1) as $line) {
            $event = json_decode($line, true, flags: JSON_THROW_ON_ERROR);
            Assert::assertMatchesRegularExpression('/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/D', $event['time'], $line);
            Assert::assertEqualsWithDelta(time(), strtotime($event['time']), 3600, $line);
            $events[] = $event;
        }
        return $events;
    }

    /**
     * Events in short: "create/first_write".
     *
     * @param list<array<string, mixed>> $events
     * @return list<string>
     */
    public static function words(array $events): array
    {
        return array_map(static fn (array $event): string => "{$event['event']}/{$event['reason']}", $events);
    }

    /** How the log names the session of an id. */
    public static function name(string $cookie, string $id): string
    {
        return substr(hash('sha256', "holdfast session 1\0$cookie\0$id"), 0, 16);
    }
}
