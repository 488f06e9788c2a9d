<?php

declare(strict_types=1);

namespace Holdfast\Bench\Rooms;

use Holdfast\Bench\Options;
use Holdfast\Bench\Peers\Peers;
use Holdfast\Bench\Report\Figures;
use Holdfast\Bench\Report\Section;
use Holdfast\Bench\Report\Table;
use Holdfast\Bench\Report\Unit;
use Holdfast\Bench\Work\Calls;

/**
 * What a call of a method costs.
 */
final class CallsRoom implements Room
{
    private const NAMES = [
        'session' => '`Session`',
        'plain' => 'a PHP class with the same methods, over an array',
        'superglobal' => '`$_SESSION`, no call at all',
    ];

    public function __construct(private readonly Options $options, private readonly Peers $peers)
    {
    }

    public function measure(callable $progress): Section
    {
        $file = $this->peers->directory('calls') . '/calls.php';
        Calls::write($file);
        $peer = $this->peers->holdfastClass();
        $staff = new Staff([$peer]);
        try {
            $order = ['task' => 'calls', 'file' => $file, 'rounds' => 1];
            $nanoseconds = [];
            for ($round = 0; $round <= $this->options->rounds; ++$round) {
                $said = $staff->of($peer)->order(0, $order)['nanoseconds'];
                if ($round > 0) {
                    $nanoseconds = array_merge_recursive($nanoseconds, $said);
                    $progress("round $round of {$this->options->rounds}");
                }
            }
        } finally {
            $staff->stop();
        }
        $names = array_keys(Calls::CASES);
        $cases = array_combine($names, array_map(static fn (string $name): string => "`$name`", $names));
        $table = new Table('calls', 'A call', Unit::Nanoseconds, $cases, 'session', ['superglobal'], true);
        foreach (self::NAMES as $with => $title) {
            foreach ($names as $name) {
                $table->put($with, $title, $name, Figures::of($nanoseconds[$name][$with]));
            }
        }
        return new Section('Calls', self::TEXT, [$table]);
    }

    private const TEXT = <<<'MD'
        One call in a loop, without what the loop costs by itself; with OPcache, without its JIT. `$_SESSION` is PHP's bare array: no
        class reaches that.
        MD;
}
