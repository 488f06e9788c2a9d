<?php

declare(strict_types=1);

/**
 * One of the eight requests.
 *
 * @var Session $session
 * @var int $number
 */

allowMethods('GET');
$session->do_not_track();

$ours = ($_GET['locking'] ?? '') === 'on' ? lockedSession() : $session;

// The first read loads the session. With locking on, this is where a request waits for the one before it.
if (!isRun($ours, $_GET['run'] ?? null) || isset($ours["request_$number"])) {
    http_response_code(409);
    exit;
}
$zero = $ours->run['began'];
$times = [
    'worker' => getmypid(),
    'arrived' => (int) round(1000 * $_SERVER['REQUEST_TIME_FLOAT']) - $zero,
    'began' => now() - $zero,
];
$ours->increment('n');

usleep(1000 * WORK[$number]);

$times['ended'] = now() - $zero;
$ours->set("request_$number", $times);
$ours->deep['one']['two'][$number] = $times['worker'];
$ours->list[] = $number;

header('Content-Type: application/json');
echo json_encode($times);
