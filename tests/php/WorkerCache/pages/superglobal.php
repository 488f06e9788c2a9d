<?php

/**
 * One request of the differential test: many cycles of `$_SESSION`, with random changes, each compared with the same changes
 * of a plain array. Says a hash over all that it has seen, which is the same whoever keeps the session.
 */

declare(strict_types=1);

define('KIND', $_GET['kind']);
require __DIR__ . '/changes.php';

/** As it is after it was stored and loaded. */
function stored(array $array): array
{
    return unserialize(serialize($array));
}

$model = is_file($_GET['model']) ? unserialize(file_get_contents($_GET['model'])) : [];
$hash = hash_init('xxh3');
$kept = [];
$first = (int) $_GET['first'];
for ($cycle = $first; $cycle < $first + (int) $_GET['cycles']; ++$cycle) {
    session_id($_GET['id']);
    session_start();
    $seen = serialize($_SESSION);
    if ($seen !== serialize($model)) {
        exit("cycle $cycle: the session is\n$seen\nand should be\n" . serialize($model));
    }
    hash_update($hash, $seen);
    mt_srand($cycle * 2);
    $changes = [0, 0, 1, 1, 1, 2, 4][mt_rand(0, 6)];
    foreach ([&$_SESSION, &$model] as &$array) {
        mt_srand($cycle * 2 + 1);
        if ($changes > 0 && mt_rand(0, 500) === 0) {
            $array = [];
        }
        for ($change = 0; $change < $changes; ++$change) {
            change($array);
        }
    }
    unset($array);
    mt_srand($cycle * 2);
    switch (mt_rand(0, 40)) {
        case 0:
            gc_collect_cycles();
            break;
        case 1:
            // What a script keeps stays as it is, whatever becomes of the session.
            $kept[] = [$_SESSION, serialize($_SESSION)];
            break;
        case 2:
            $encoded = session_encode();
            $_SESSION = [];
            session_decode($encoded);
            $model = stored($model);
            break;
        case 3:
            // What was changed is given up.
            $model = unserialize($seen);
            session_reset();
            break;
        case 4:
            $model = unserialize($seen);
            session_abort();
            continue 2;
        case 5:
            json_encode($_SESSION, JSON_PARTIAL_OUTPUT_ON_ERROR);
            var_export(array_filter($_SESSION, 'is_array'), true);
            // A copy, but for the references in it.
            foreach ([$_SESSION, $model] as $copy) {
                array_walk_recursive($copy, static function (mixed &$value): void {
                    $value = is_object($value) ? $value : 0;
                });
            }
            break;
        case 6:
            $_SESSION = stored($_SESSION);
            $model = stored($model);
            break;
        case 7:
            // Written, and still there to look at.
            session_write_close();
            $_SESSION['after'] = 1;
            $model = stored($model);
            continue 2;
    }
    session_write_close();
    $model = stored($model);
}
foreach ($kept as [$array, $was]) {
    if (serialize($array) !== $was) {
        exit('what was kept has changed');
    }
}
file_put_contents($_GET['model'], serialize($model));
echo 'hash ', hash_final($hash);
