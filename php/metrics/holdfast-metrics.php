<?php

/**
 * The figures of the store for Prometheus, in its text format
 * (https://prometheus.io/docs/instrumenting/exposition_formats/). Let your web server give it to your Prometheus alone:
 * nothing in it is secret, but nobody else needs to know how many visitors you have. docs/admin.md shows how.
 *
 * It answers for the store that `holdfast.store` names for the request: each pool with a store of its own has one.
 */

declare(strict_types=1);

(static function (): void {
    // What the store holds, and what it has counted since it was made: by name, what it is.
    $gauges = [
        'sessions' => 'Records that are stored.',
        'guests' => 'Records of guests among them.',
        'used_bytes' => 'Bytes in use.',
        'capacity_bytes' => 'Bytes that there are; 0 = no bound.',
    ];
    $counters = [
        'commits' => 'Saves that stored something.',
        'conflicts' => 'Saves that met another one.',
        'merges' => 'Saves that put their changes on top of another.',
        'waits' => 'Locks that were not free at the first look.',
        'throttled' => 'Logins that had to wait.',
        'expired' => 'Expired sessions that were removed.',
        'evicted' => 'Guests that gave way to a full store.',
        'refused' => 'Saves refused because the store was full.',
        'recovered_locks' => 'Locks taken over from processes that died.',
        'repairs' => 'Repairs after processes that died.',
        'damaged' => 'Records dropped because their bytes were damaged.',
    ];
    header('Content-Type: text/plain; version=0.0.4; charset=utf-8');
    header('Cache-Control: no-store');
    try {
        $stats = Holdfast\Store::stats();
    } catch (Holdfast\Exception\StoreException) {
        // Why is in no answer: ask phpinfo() or the command. That it is away is a figure, too.
        echo "# HELP holdfast_up Whether the store can be used.\n# TYPE holdfast_up gauge\nholdfast_up 0\n";
        return;
    }
    echo "# HELP holdfast_up Whether the store can be used.\n# TYPE holdfast_up gauge\nholdfast_up 1\n";
    if (!str_starts_with($stats['store'], 'shared:')) {
        // Each process counts for itself, and another one answers next time; guests are not counted at all.
        $counters = [];
        unset($gauges['guests']);
    }
    foreach ($gauges as $name => $help) {
        echo "# HELP holdfast_$name $help\n# TYPE holdfast_$name gauge\nholdfast_$name {$stats[$name]}\n";
    }
    foreach ($counters as $name => $help) {
        echo "# HELP holdfast_{$name}_total $help\n# TYPE holdfast_{$name}_total counter\nholdfast_{$name}_total {$stats[$name]}\n";
    }
    foreach (['sessions' => 'Records in each shard.', 'used_bytes' => 'Bytes in use in each shard.'] as $name => $help) {
        echo "# HELP holdfast_shard_$name $help\n# TYPE holdfast_shard_$name gauge\n";
        foreach ($stats['parts'] as $number => $part) {
            echo "holdfast_shard_{$name}{shard=\"$number\"} {$part[$name]}\n";
        }
    }
})();
