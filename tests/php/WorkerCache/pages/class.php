<?php

/**
 * One request of the differential test: many cycles of a `Session`, with random changes of its variables, each compared with
 * the same changes of a plain array.
 */

declare(strict_types=1);

define('KIND', 'plain');
require __DIR__ . '/changes.php';

$names = ['cart', 'user', 'seen', 'form', 'list', '7', 'a name of a few words'];
$idFile = $_GET['model'] . '-id';
$session = is_file($idFile) ? new Session(['id' => file_get_contents($idFile)]) : new Session();
$model = is_file($_GET['model']) ? unserialize(file_get_contents($_GET['model'])) : [];
$hash = hash_init('xxh3');
$kept = [];
$first = (int) $_GET['first'];
for ($cycle = $first; $cycle < $first + (int) $_GET['cycles']; ++$cycle) {
    $session->start();
    mt_srand($cycle * 2);
    // Mostly a few variables are looked at, as pages do, and sometimes all.
    if (mt_rand(0, 3) === 0) {
        $seen = serialize($session->getAll());
        if ($seen !== serialize($model)) {
            exit("cycle $cycle: the session is\n$seen\nand should be\n" . serialize($model));
        }
        hash_update($hash, $seen);
    }
    for ($change = mt_rand(0, 3); $change > 0; --$change) {
        $name = $names[mt_rand(0, count($names) - 1)];
        $seed = mt_rand();
        $is = $session->get($name);
        if (serialize($is) !== serialize($model[$name] ?? null)) {
            exit("cycle $cycle: '$name' is\n" . serialize($is) . "\nand should be\n" . serialize($model[$name] ?? null));
        }
        switch (mt_rand(0, 8)) {
            case 0:
                mt_srand($seed);
                $session->set($name, $model[$name] = tree());
                break;
            case 1:
                $session->remove($name);
                unset($model[$name]);
                break;
            case 2:
            case 3:
            case 4:
                // A copy is changed and set.
                if (is_array($is)) {
                    $copy = $is;
                    mt_srand($seed);
                    change($copy);
                    $session->set($name, $copy);
                    mt_srand($seed);
                    change($model[$name]);
                }
                break;
            case 5:
            case 6:
                // It is changed where it is.
                if (is_array($is)) {
                    mt_srand($seed);
                    $inside = &$session[$name];
                    change($inside);
                    unset($inside);
                    mt_srand($seed);
                    change($model[$name]);
                }
                break;
            case 7:
                $kept[] = [$is, serialize($is)];
                break;
            case 8:
                $session->save();
                break;
        }
        mt_srand($cycle * 2 + $change + 1);
    }
    unset($is, $copy);
    if (mt_rand(0, 40) === 0) {
        gc_collect_cycles();
    }
    $session->close();
    // Stored and loaded, an array counts on from its largest key.
    $model = unserialize(serialize($model));
}
foreach ($kept as [$value, $was]) {
    if (serialize($value) !== $was) {
        exit('what was kept has changed');
    }
}
$session->start();
$session->set('id', 'there is one');
$model['id'] = 'there is one';
$session->close();
file_put_contents($idFile, $session->getId());
file_put_contents($_GET['model'], serialize($model));
echo 'hash ', hash_final($hash);
