<?php

/**
 * A refused redirect, and one out of a callback in an update.
 */

declare(strict_types=1);

$session = new Session();
try {
    $session->redirect("//evil.example/\r\n");
} catch (Holdfast\Exception\InvalidArgument) {
}
$session->set('stored', 1);
$session->save();
$session->update('counted', static function (mixed $old) use ($session): void {
    $local = ['an array' => $old];
    array_map(static fn () => $session->redirect('/there'), [$local]);
});
