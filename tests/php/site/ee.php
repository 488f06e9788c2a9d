<?php

/**
 * A page in ExpressionEngine's style: calls what ?calls= (JSON: a list of [property of ee(), method, [argument, ...]]) names,
 * and says what each gave, or what was thrown. With ?own= the application has set a session with that cookie name, which
 * may redirect to own.example, beside that of the request; with ?hook a hook that cancels redirects, with ?status= a status.
 */

declare(strict_types=1);

require dirname(__DIR__, 3) . '/php/autoload.php';

// No header goes out before the end of the script.
ob_start();
if (isset($_GET['own'])) {
    Session::current();
    ee()->set('session', new Session(['cookie_name' => $_GET['own'], 'redirect_hosts' => 'own.example']));
}
if (isset($_GET['hook'])) {
    ee()->session->addHookBefore('redirect', static fn (HookEvent $event) => $event->replace = true);
}
if (isset($_GET['status'])) {
    http_response_code((int) $_GET['status']);
}
$results = [];
foreach (json_decode($_GET['calls'], true, flags: JSON_THROW_ON_ERROR) as [$property, $method, $arguments]) {
    try {
        $result = ee()->$property->$method(...$arguments);
        $results[] = $result instanceof Session ? 'the session' : $result;
    } catch (Holdfast\Exception\HoldfastException $thrown) {
        $results[] = ['thrown' => $thrown::class, 'message' => $thrown->getMessage()];
    }
}
header('Content-Type: application/json');
echo json_encode($results, JSON_THROW_ON_ERROR);
