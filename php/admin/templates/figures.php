<?php

declare(strict_types=1);

/**
 * Figures of the store. Without scripts they are those of the moment; script.js asks for them again and again, and draws.
 *
 * @var array<string, mixed> $stats as Store::stats() gives them
 */

use Holdfast\Admin\Text;

/** What there is a chart of: a name, lines of it by figure, whether they are rates, and what is said of the figure itself. */
$charts = [
    ['Records', ['sessions' => '', 'guests' => 'of guests'], false, 'sessions, and what is kept for them'],
    ['Commits', ['commits' => ''], true, 'saves that stored something'],
    ['Parallel saves', ['merges' => 'merged', 'conflicts' => 'met another'], true, 'of one session at a time'],
    ['Removed', ['evicted' => 'evicted', 'expired' => 'expired'], true, 'sessions that the store removed'],
    ['Throttled logins', ['throttled' => ''], true, 'attempts that had to wait'],
    ['Waits', ['waits' => ''], true, 'locks that were not free at once'],
];

// Elsewhere each process counts for itself, and another one answers next time.
$isCounted = str_starts_with($stats['store'], 'shared:');
if (!$isCounted) {
    $charts = [['Records', ['sessions' => ''], false, 'sessions, and what is kept for them']];
}

/** All that is counted: a name, and what to do when it is not 0; '' = nothing. */
$counted = [
    'commits' => ['Commits', ''],
    'conflicts' => ['Commits that met another', ''],
    'merges' => ['Commits that were merged', ''],
    'waits' => ['Locks that were not free at once', ''],
    'throttled' => ['Logins that had to wait', ''],
    'expired' => ['Expired sessions removed', ''],
    'evicted' => ['Guests that gave way to a full store', 'The store was full: give it more memory.'],
    'refused' => ['Commits refused by a full store', 'Visitors lost changes: give the store more memory.'],
    'recovered_locks' => ['Locks taken over from dead processes', ''],
    'repairs' => ['Repairs after dead processes', ''],
    'damaged' => ['Damaged records dropped', 'Bytes were changed from outside: look at the disk and the memory.'],
];
[$used, $capacity, $parts] = [$stats['used_bytes'], $stats['capacity_bytes'], $stats['parts']];
$fullest = max(1, ...array_column($parts, 'used_bytes'));
?>
<div class="title">
    <h1><?= $heading ?></h1>
    <p class="pulse" id="pulse" role="status"></p>
</div>
<p class="store"><code><?= Text::foreign($stats['store']) ?></code></p>

<div class="figures" id="figures" data-figures="<?= Text::html($links->to(['view' => 'figures.json'])) ?>">
<?php foreach ($charts as [$name, $lines, $isRate, $meaning]): ?>
    <section class="figure<?= $isRate ? ' rate' : '' ?>" data-chart>
        <h2><?= $name ?></h2>
        <div class="values">
<?php   foreach (array_keys($lines) as $number => $figure): ?>
        <p class="value line-<?= $number ?>" data-figure="<?= $figure ?>"><b><?= Text::number($stats[$figure]) ?></b><?php if ($isRate): ?> <i>in all</i><?php endif ?><?php if ($lines[$figure] !== ''): ?> <span><?= $lines[$figure] ?></span><?php endif ?></p>
<?php   endforeach ?>
        </div>
        <p class="meaning"><?= $meaning ?></p>
        <div class="chart"></div>
    </section>
<?php endforeach ?>
</div>

<section class="memory">
    <h2>Memory</h2>
    <p class="value"><b data-bytes="used_bytes"><?= Text::bytes($used) ?></b><?php if ($capacity > 0): ?> <i>of <span data-bytes="capacity_bytes"><?= Text::bytes($capacity) ?></span>, <span data-share><?= number_format(100 * $used / $capacity, 1) ?></span> %</i><?php endif ?></p>
<?php if ($capacity > 0): ?>
    <svg class="meter" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true"><rect class="rest" width="100" height="1"/><rect class="used" data-share-bar width="<?= round(100 * $used / $capacity, 2) ?>" height="1"/></svg>
<?php endif ?>
<?php if (count($parts) > 1): ?>
    <h3><?= Text::number(count($parts)) ?> shards, each in comparison with the fullest</h3>
    <svg class="shards" viewBox="0 0 <?= count($parts) ?> 100" preserveAspectRatio="none" role="img" aria-label="Memory of <?= count($parts) ?> shards: from <?= Text::bytes(min(array_column($parts, 'used_bytes'))) ?> to <?= Text::bytes($fullest) ?>">
<?php   foreach ($parts as $number => $part): $height = round(100 * $part['used_bytes'] / $fullest, 2) ?>
        <rect x="<?= $number + 0.1 ?>" y="<?= 100 - $height ?>" width="0.8" height="<?= $height ?>" data-shard><title>Shard <?= $number ?>: <?= Text::bytes($part['used_bytes']) ?>, <?= Text::count($part['sessions'], 'record', 'records') ?></title></rect>
<?php   endforeach ?>
    </svg>
<?php endif ?>
</section>

<?php if (!$isCounted): ?>
<p class="note">Commits, merges and the like are counted by each PHP worker for itself in this store, so there is nothing to show of all.</p>
<?php else: ?>
<section class="counted">
    <h2>Counted</h2>
    <dl>
<?php foreach ($counted as $figure => [$name, $advice]): ?>
        <div<?= $advice !== '' && $stats[$figure] > 0 ? ' class="alarm"' : '' ?>>
            <dt><?= $name ?><?php if ($advice !== '' && $stats[$figure] > 0): ?> <small><?= $advice ?></small><?php endif ?></dt>
            <dd data-total="<?= $figure ?>"><?= Text::number($stats[$figure]) ?></dd>
        </div>
<?php endforeach ?>
    </dl>
    <p class="note">Since the store was made.</p>
</section>
<?php endif ?>
