<?php

/**
 * Notices of every kind, taken from a stored session and from one that is not, and handlers that are replaced.
 */

declare(strict_types=1);

$session = new Session();
for ($turn = 0; $turn < 3; ++$turn) {
    $session->message("text $turn", 'markup')->error(['Label' => [1, 2]])->warning(7, true)->message('first', 'prepend');
    if ($turn > 0) {
        $session->save();
    }
    foreach ([...$session->messages(false), ...$session->messages(), ...$session->errors()] as $notice) {
        $notice->html() . $notice . json_encode($notice->hasFlag('log'));
    }
    $session->clearNotices();
    $session->sessionHandler(new ArrayObject([$turn]));
}
$session->redirectUrl('/after-login');
$session->redirectUrl(null);
