<?php

declare(strict_types=1);

/** @var Session $session */

$served = requestsByProcess($session);
$processes = processesInAll();
?>
</main>
<footer class="log">
    <?php require __DIR__ . '/hoist.php' ?>
    <p>
        Served by process <b><?= e(getmypid()) ?></b>.
        <?php if ($processes === null) : ?>
            <?= e(plural(count($served), 'process has', 'processes have')) ?> served you so far.
        <?php else : ?>
            <b><?= e(count($served)) ?> of <?= e($processes) ?></b> processes have served you so far.
        <?php endif ?>
    </p>
    <p>
        Session <b><?= e(shortId($session)) ?></b>, request <b><?= e(array_sum($served)) ?></b>.
        <a href="/session">Look inside</a>
    </p>
</footer>
</body>
</html>
