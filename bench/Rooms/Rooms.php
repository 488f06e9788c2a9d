<?php

declare(strict_types=1);

namespace Holdfast\Bench\Rooms;

use Holdfast\Bench\Options;
use Holdfast\Bench\Peers\Peers;

/**
 * All rooms, by their names on the command line.
 */
final class Rooms
{
    public static function make(string $name, Options $options, Peers $peers): Room
    {
        $class = match ($name) {
            'session' => SessionRoom::class,
            'class' => ClassRoom::class,
            'calls' => CallsRoom::class,
            'crowd' => CrowdRoom::class,
            'browsing' => BrowsingRoom::class,
            'pages' => PagesRoom::class,
            'million' => MillionRoom::class,
            'engine' => EngineRoom::class,
            'parallel' => ParallelRoom::class,
            'trips' => RoundTripsRoom::class,
            'profile' => ProfileRoom::class,
        };
        return new $class($options, $peers);
    }
}
