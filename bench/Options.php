<?php

declare(strict_types=1);

namespace Holdfast\Bench;

use Holdfast\Bench\Peers\Peers;
use RuntimeException;

/**
 * What is measured, how often, and where the report goes.
 */
final class Options
{
    public const ROOMS = ['session', 'class', 'calls', 'crowd', 'browsing', 'pages', 'million', 'engine', 'parallel', 'trips', 'profile'];

    /**
     * @param list<string> $rooms what is measured
     * @param list<string>|null $peers who takes part; null: all
     * @param int $rounds of each measurement
     * @param int $sessions how many are "very many"
     * @param float $sample milliseconds that one figure of one round takes at least
     * @param string|null $out the directory of the report; null: docs/
     * @param bool $readme whether the README's table is written, too
     */
    private function __construct(
        public readonly array $rooms,
        public readonly ?array $peers,
        public readonly int $rounds,
        public readonly int $sessions,
        public readonly float $sample,
        public readonly ?string $out,
        public readonly bool $readme,
        public readonly bool $quick,
        public readonly string $said,
    ) {
    }

    /**
     * @param list<string> $arguments --quick, --smoke, --only=, --peers=, --rounds=, --sessions=, --out=
     * @throws RuntimeException on one that nobody knows
     */
    public static function parse(array $arguments, string $scratch): self
    {
        $given = [];
        foreach ($arguments as $argument) {
            if (preg_match('/^--(quick|smoke|only|peers|rounds|sessions|out)(?:=(.*))?$/D', $argument, $found) !== 1) {
                throw new RuntimeException("Unknown argument '$argument'.");
            }
            $given[$found[1]] = $found[2] ?? '';
        }
        $smoke = isset($given['smoke']);
        $quick = isset($given['quick']);
        $rooms = self::several($given['only'] ?? '', self::ROOMS, 'ONLY') ?? self::ROOMS;
        $peers = ($given['peers'] ?? '') === 'none' ? ['files'] : self::several($given['peers'] ?? '', Peers::IDS, 'PEERS');
        // The report of a whole run is the one that is kept.
        $whole = !$smoke && !$quick && $rooms === self::ROOMS && $peers === null;
        return new self(
            $rooms,
            $peers,
            self::number($given['rounds'] ?? '', 'ROUNDS') ?? ($smoke ? 1 : ($quick ? 3 : 11)),
            self::number($given['sessions'] ?? '', 'SESSIONS') ?? ($smoke ? 100 : ($quick ? 10_000 : 1_000_000)),
            $smoke ? 0.1 : ($quick ? 4.0 : 15.0),
            ($given['out'] ?? '') ?: ($whole ? null : $scratch),
            !$smoke && !$quick && array_diff(array_keys($given), ['only', 'sessions']) === [] && in_array('parallel', $rooms, true),
            $smoke || $quick,
            self::asOfMake(array_diff_key($given, ['out' => ''])),
        );
    }

    public function has(string $room): bool
    {
        return in_array($room, $this->rooms, true);
    }

    /** The command that repeats the run. */
    public function command(): string
    {
        return rtrim("make bench {$this->said}");
    }

    /** @param array<string, string> $given */
    private static function asOfMake(array $given): string
    {
        $said = [];
        foreach ($given as $name => $value) {
            $said[] = strtoupper($name) . '=' . ($value === '' ? '1' : $value);
        }
        return implode(' ', $said);
    }

    /**
     * @param list<string> $known
     * @return list<string>|null
     */
    private static function several(string $given, array $known, string $name): ?array
    {
        if ($given === '') {
            return null;
        }
        $several = explode(',', $given);
        $unknown = array_diff($several, $known);
        if ($unknown !== []) {
            throw new RuntimeException("$name has no '" . implode("', '", $unknown) . "', but " . implode(', ', $known) . '.');
        }
        return array_values(array_intersect($known, $several));
    }

    private static function number(string $given, string $name): ?int
    {
        if ($given === '') {
            return null;
        }
        $number = filter_var($given, FILTER_VALIDATE_INT, ['options' => ['min_range' => 1]]);
        if ($number === false) {
            throw new RuntimeException("$name is a whole number from 1, not '$given'.");
        }
        return $number;
    }
}
