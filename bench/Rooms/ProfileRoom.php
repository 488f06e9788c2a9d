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
        return new Section('Where the time goes', self::TEXT, [], implode("\n", $lines) . "\n\n" . self::WHAT_IS_LEFT);
    }

    private const TEXT = <<<'MD'
        Instructions of one cycle with a session of 20 small arrays, or a ProcessWire-like one of 160 KB, by callgrind, in one process. They
        are no times, but they do not depend on the machine's load. valgrind's processor has no instructions for SHA-256, so ids and keys weigh several times what they do
        in truth.
        MD;

    private const WHAT_IS_LEFT = <<<'MD'
        What is left, by these counts, and why targets above are missed:

        - **Small sessions.** No area has most of a cycle. PHP's own start and close of a session, a lock, a look-up and a checksum at the load and
          at the save, and the memory of the record remain. The targets are multiples of what PHP's files take, which in memory are a few
          system calls for a small session: there is less to be ahead of than with large ones.
        - **By turns.** The difference between *One variable changed* and *One worker alone* is what another worker's change costs: the record is in
          that processor's cache; it is copied, compared with the one that is known, and what is different is decoded and kept. So is the
          difference to the counts here, which are of one process.
        - **Large sessions.** A record is one piece of memory. One changed number means that all of it is loaded, checked, put together anew,
          checked, and copied into the file: *The shared engine alone* has the engine's part of that. A store that keeps the nodes of a session
          apart would write what changed and nothing else; this one does not.
        - **Nested sessions**, as ProcessWire's. What another worker changed is looked for entry by entry in the outermost array only. Below it
          a changed array is read anew, with look-ups for what is known in it.
        - **Objects** are written and read by PHP itself, each variable for itself, so that one that can't be read costs no other. The others give PHP the whole
          session at once.
        - **A new process** takes a page fault for every page of the file that it has not touched yet.
        MD;
}
