<?php

/**
 * Flash data with objects, set, kept, assigned and ended by close() and by destroy(), in sessions that are read anew.
 */

declare(strict_types=1);

$session = new Session();
for ($turn = 0; $turn < 3; ++$turn) {
    $shared = new ArrayObject([$turn]);
    $session->set_flashdata(['a' => $shared, 'b' => [$shared, 'text']]);
    $session->set_flashdata('a', "again $turn");
    $session->close();
    $session->start();
}
$next = new Session(['id' => $session->getId(), 'cookie_name' => 'next']);
$stored = new Session(['id' => 'chosen', 'cookie_name' => 'chosen']);
foreach ([$next, $stored] as $other) {
    for ($turn = 0; $turn < 2; ++$turn) {
        $other->flashdata('a');
        $other->flashdata['b'] ?? null;
        $other->keep_flashdata('b');
        $other->benjaminButtonFlashdata();
        $other->set_flashdata('c', new ArrayObject([1]));
        $other->flashdata = ['d' => new ArrayObject([2])];
        try {
            $other->set_flashdata(['e' => 1, 'f' => static fn () => 1]);
        } catch (Holdfast\Exception\UnstorableValue) {
        }
        $other->save();
    }
}
$next->close();
$stored->destroy();
$stored->flashdata();
