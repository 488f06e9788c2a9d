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
 * The class `Session`, which decodes what is read, against the others' `$_SESSION`.
 */
final class ClassRoom implements Room
{
    private const LAYOUTS = ['class1', 'class20', 'class200', 'class2000'];

    public function __construct(private readonly Options $options, private readonly Peers $peers)
    {
    }

    public function measure(callable $progress): Section
    {
        $peers = [$this->peers->holdfastClass(), $this->peers->holdfast(), ...$this->peers->others()];
        $staff = new Staff($peers);
        $cases = array_combine(self::LAYOUTS, array_map(Layouts::title(...), self::LAYOUTS));
        $changed = new Table('class-changed', 'One variable read, one changed', Unit::Microseconds, $cases, 'holdfast-class', ['holdfast']);
        $unchanged = new Table('class-unchanged', 'One variable read', Unit::Microseconds, $cases, 'holdfast-class', ['holdfast']);
        try {
            $cycles = new Cycles($staff, $this->options->sample);
            $plan = [];
            foreach (self::LAYOUTS as $layout) {
                array_push($plan, ['turns', $layout, 'changed'], ['turns', $layout, 'unchanged']);
            }
            $cycles->measure($plan, $this->options->rounds, $progress);
            foreach ($peers as $peer) {
                foreach (self::LAYOUTS as $layout) {
                    $changed->put($peer->id, $peer->name, $layout, $cycles->figures($peer, 'turns', $layout, 'changed'));
                    $unchanged->put($peer->id, $peer->name, $layout, $cycles->figures($peer, 'turns', $layout, 'unchanged'));
                }
            }
        } finally {
            $staff->stop();
        }
        return new Section('Class `Session`', self::TEXT, [$changed, $unchanged]);
    }

    private const TEXT = <<<'MD'
        `Session` opened, one variable read, one changed or none, saved; the others do the same with `$_SESSION`. The sessions are made of
        small arrays. Two workers take turns.
        MD;
}
