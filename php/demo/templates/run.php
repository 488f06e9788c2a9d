<?php

declare(strict_types=1);

/**
 * The bars of eight requests and what they left in the session. While they run: eight images that ask for them, unless
 * the script does.
 *
 * @var Session $session
 * @var string $locking 'on' or 'off'
 * @var array<string, array{array<string, mixed>|null, string|null}> $runs
 * @var int $axis the milliseconds that the lanes are long
 * @var int $step those between two of their lines
 */

[$kept, $token] = $runs[$locking];
$percent = fn (int $time): string => round(100 * $time / $axis, 2) . '%';
$eight = count(WORK);
// The flags that the shop has for its processes.
$flags = array_flip(array_keys(requestsByProcess($session)));
?>
<div id="run-<?= e($locking) ?>" class="run-body" data-axis="<?= e($axis) ?>">
    <ol class="lanes">
        <?php foreach (array_keys(WORK) as $number) : ?>
            <?php $request = $kept['requests'][$number] ?? null ?>
            <li class="<?= $request !== null ? 'done' : 'idle' ?>">
                <span class="number"><span class="visually-hidden">Request </span><?= e($number) ?></span>
                <svg class="lane" aria-hidden="true">
                    <?php for ($time = 0; $time <= $axis; $time += $step) : ?>
                        <line class="tick" x1="<?= $percent($time) ?>" x2="<?= $percent($time) ?>" y2="100%"/>
                    <?php endfor ?>
                    <line class="queue" x2="<?= $percent($request['arrived'] ?? 0) ?>" y1="50%" y2="50%"/>
                    <rect class="wait" y="22%" height="56%" x="<?= $percent($request['arrived'] ?? 0) ?>"
                        width="<?= $percent(($request['began'] ?? 0) - ($request['arrived'] ?? 0)) ?>"/>
                    <rect class="work" y="22%" height="56%" x="<?= $percent($request['began'] ?? 0) ?>"
                        width="<?= $percent(($request['ended'] ?? 0) - ($request['began'] ?? 0)) ?>"/>
                </svg>
                <span class="who">
                    <?php if ($request !== null) : ?>
                        <b>
                            <?php if (isset($flags[$request['worker']])) : ?>
                                <?php readfile(__DIR__ . '/flags/' . ($flags[$request['worker']] % 9 + 1) . '.svg') ?>
                            <?php endif ?>
                            <span class="visually-hidden">process</span>
                            <?= e($request['worker']) ?>
                        </b>
                        <span>
                            <?= e(number_format($request['began'])) ?>–<?= e(milliseconds($request['ended'])) ?>
                        </span>
                    <?php elseif ($token !== null) : ?>
                        <span>under way</span>
                        <img src="/parallel/<?= e("$number?locking=$locking&run=$token") ?>" alt="">
                    <?php elseif ($kept !== null) : ?>
                        <span>no answer</span>
                    <?php else : ?>
                        <span><?= e(milliseconds(WORK[$number])) ?> of work</span>
                    <?php endif ?>
                </span>
            </li>
        <?php endforeach ?>
    </ol>
    <svg class="axis" aria-hidden="true">
        <?php for ($time = 0; $time <= $axis; $time += $step) : ?>
            <text x="<?= $percent($time) ?>" y="1em"><?= e(number_format($time)) ?></text>
        <?php endfor ?>
    </svg>
    <?php if ($kept !== null || $token !== null) : ?>
        <p class="outcome">
            <?php if ($kept !== null) : ?>
                <strong><?= e(milliseconds($kept['wall'])) ?></strong> for <?= e(milliseconds($kept['work'])) ?> of work
            <?php else : ?>
                <strong>Under way</strong>
            <?php endif ?>
        </p>
        <dl class="kept">
            <?php foreach (
                [
                    'keys of their own' => isset($kept) ? count($kept['requests']) : null,
                    'keys three levels deep' => $kept['deep'] ?? null,
                    'items in one list' => isset($kept) ? count($kept['list']) : null,
                    'counted together' => $kept['n'] ?? null,
                ] as $what => $count
            ) : ?>
                <div<?= in_array($count, [null, $eight], true) ? '' : ' class="lost"' ?>>
                    <dt><?= e($what) ?></dt>
                    <dd><?= e($count ?? '…') ?> of <?= e($eight) ?></dd>
                </div>
            <?php endforeach ?>
        </dl>
        <div class="order">
            <p class="small">The list, in the order of the appends:</p>
            <ol>
                <?php foreach ($kept['list'] ?? [] as $number) : ?>
                    <li><?= e($number) ?></li>
                <?php endforeach ?>
            </ol>
        </div>
    <?php endif ?>
</div>
