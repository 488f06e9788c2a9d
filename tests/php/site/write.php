<?php

/**
 * One page view of the load test: two writes under ?token=, one saved by hand and one by the end of the request.
 */

declare(strict_types=1);

$token = $_GET['token'];

$began = microtime(true);
$session = new Session();
$session->init();
$waited = microtime(true) - $began;

// A worker is killed in the midst of its work, too.
usleep(random_int(0, 20000));
$session->set("saved $token", str_repeat($token, random_int(1, 2000)));

$began = microtime(true);
$session->save();
$waited += microtime(true) - $began;

$session->set("ended $token", $token);

header('Content-Type: application/json');
echo json_encode(['waited' => $waited]);
