<?php

declare(strict_types=1);

namespace Holdfast\Bench\Rooms;

use Holdfast\Bench\Instructions\Callgrind;
use Holdfast\Bench\Instructions\Profile;
use Holdfast\Bench\Options;
use Holdfast\Bench\Peers\Peers;
use Holdfast\Bench\Report\Section;

/**
 * Where the time goes, by instructions.
 */
final class ProfileRoom implements Room
{
    private const TITLES = [
        'superglobal-changed' => '`$_SESSION`, one variable changed',
        'superglobal-unchanged' => '`$_SESSION`, nothing changed',
        'superglobal-first' => '`$_SESSION`, nothing changed, not seen before',
        'superglobal-large' => '`$_SESSION` of 160 KB, one number changed',
        'session' => '`Session`, one variable changed',
    ];

    public function __construct(private readonly Options $options, private readonly Peers $peers)
    {
    }

    public function measure(callable $progress): Section
    {
        $progress('counting');
        $profiles = Callgrind::profile(array_keys(self::TITLES));
        $areas = [];
        foreach ($profiles as $profile) {
            foreach ($profile->areas() as $area => $instructions) {
                $areas[$area] = max($areas[$area] ?? 0.0, $instructions);
            }
        }
        arsort($areas);
        $lines = ['| | ' . implode(' | ', self::TITLES) . ' |', '|---' . str_repeat('|---:', count(self::TITLES)) . '|'];
        $row = static fn (string $name, callable $cell): string =>
            "| $name | " . implode(' | ', array_map(static fn (string $path): string => $cell($profiles[$path]), array_keys(self::TITLES))) . ' |';
        foreach (array_keys($areas) as $area) {
            $lines[] = $row($area, static fn (Profile $one): string => sprintf('%.1f %%', 100 * ($one->areas()[$area] ?? 0.0) / $one->total()));
        }
        $lines[] = $row('**instructions of a cycle**', static fn (Profile $one): string => '**' . number_format($one->total(), 0, '.', ' ') . '**');
        return new Section('Where the time goes', self::TEXT, [], implode("\n", $lines));
    }

    private const TEXT = <<<'MD'
        Instructions of one cycle with a session of 20 small arrays, or a ProcessWire-like one of 160 KB, by callgrind, in one process. They
        are no times, but they do not depend on the machine's load. valgrind's processor has no instructions for SHA-256, so ids and keys weigh several times what they do
        in truth.
        MD;
}
