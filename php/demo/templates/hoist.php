<?php

declare(strict_types=1);

/*
 * A hoist of signal flags that spells HOLDFAST, with the answering pennant below: one flag for each process, and it is
 * up once that process has served this visitor.
 */

/** @var Session $session */

$pids = array_keys(requestsByProcess($session));
$flags = max(count($pids), (int) processesInAll());
?>
<div class="hoist" aria-hidden="true">
    <?php for ($i = 0; $i < $flags; $i++) : ?>
        <?php $state = !isset($pids[$i]) ? 'waiting' : ($pids[$i] === getmypid() ? 'now' : 'up') ?>
        <span class="<?= e($state) ?>"><?php readfile(__DIR__ . '/flags/' . ($i % 9 + 1) . '.svg') ?></span>
    <?php endfor ?>
</div>
