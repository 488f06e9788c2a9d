<?php

declare(strict_types=1);

namespace Holdfast\Bench\Rooms;

use Holdfast\Bench\Options;
use Holdfast\Bench\Peers\Peers;
use Holdfast\Bench\Report\Section;
use Holdfast\Bench\Report\Table;
use Holdfast\Bench\Report\Unit;
use Holdfast\Bench\Work\Layouts;

/**
 * `$_SESSION`: what PHP's own sessions cost with one handler and another.
 */
final class SessionRoom implements Room
{
    private const LAYOUTS = [
        'arrays5', 'arrays100', 'arrays1000', 'wire20', 'wire200', 'text1', 'text20', 'text200', 'objects20',
    ];

    private const ALONE = ['arrays5', 'arrays100', 'arrays1000', 'wire20', 'wire200'];

    private const COLD = ['arrays5', 'arrays100', 'wire20', 'wire200'];

    public function __construct(private readonly Options $options, private readonly Peers $peers)
    {
    }

    public function measure(callable $progress): Section
    {
        $peers = [$this->peers->holdfast(), ...$this->peers->variants(), ...$this->peers->others()];
        $staff = new Staff($peers);
        try {
            $cycles = new Cycles($staff, $this->options->sample);
            $tables = $plan = [];
            foreach (self::parts() as [$id, $title, $mode, $what, $layouts]) {
                $cases = array_combine($layouts, array_map(Layouts::title(...), $layouts));
                $tables[] = [new Table($id, $title, Unit::Microseconds, $cases, 'holdfast', ['holdfast-uncached', 'holdfast-redis']), $mode, $what];
                foreach ($layouts as $layout) {
                    $plan[] = [$mode, $layout, $what];
                }
            }
            $cycles->measure($plan, $this->options->rounds, $progress);
            foreach ($tables as [$table, $mode, $what]) {
                foreach ($peers as $peer) {
                    foreach (array_keys($table->cases) as $layout) {
                        $table->put($peer->id, $peer->name, $layout, $cycles->figures($peer, $mode, $layout, $what));
                    }
                }
            }
        } finally {
            $staff->stop();
        }
        return new Section('`$_SESSION`', self::TEXT, array_column($tables, 0));
    }

    /** @return list<array{string, string, string, string, list<string>}> id, title, mode, what is done, layouts */
    private static function parts(): array
    {
        return [
            ['session-changed', 'One variable changed', 'turns', 'changed', self::LAYOUTS],
            ['session-unchanged', 'Nothing changed', 'turns', 'unchanged', self::LAYOUTS],
            ['session-deep', 'One number changed five levels deep', 'turns', 'deep', ['wire20', 'wire200']],
            ['session-alone', 'One variable changed, one worker alone', 'alone', 'changed', self::ALONE],
            ['session-alone-unchanged', 'Nothing changed, one worker alone', 'alone', 'unchanged', self::ALONE],
            ['session-cold', 'Nothing changed, in a process that has not seen the session', 'cold', 'unchanged', self::COLD],
        ];
    }

    private const TEXT = <<<'MD'
        One cycle: `session_start()`, one variable read, one changed or none, `session_write_close()`. Two workers take turns, so that
        each finds the sessions as the other one left them, unless the table says otherwise. A small array is a product of a cart (140
        bytes); ProcessWire-like sessions keep all below `$_SESSION['Session']`, by module.
        MD;
}
