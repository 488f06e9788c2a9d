<?php

/**
 * What a worker of php-fpm does for the harness: an order comes as JSON in the request's body, an answer goes back as JSON.
 */

declare(strict_types=1);

namespace Holdfast\Bench\Work;

foreach (['Layouts', 'Item', 'Superglobal', 'SessionClass', 'Million', 'Figures', 'Calls', 'PlainSession'] as $class) {
    require_once __DIR__ . "/$class.php";
}

// The harness says whose session it is: it is the browser.
ini_set('session.use_cookies', '0');
ini_set('session.cache_limiter', '');
ini_set('session.gc_probability', '0');

/** @var array<string, mixed> $order */
$order = json_decode((string) file_get_contents('php://input'), true, 512, JSON_THROW_ON_ERROR);
$face = ($order['face'] ?? '') === 'class' ? SessionClass::class : Superglobal::class;

$answer = match ($order['task']) {
    'fill' => ['ids' => $face::fill($order['layout'], $order['count'])],
    'pass' => ['nanoseconds' => $face::pass($order['layout'], $order['what'], $order['ids'], $order['number'])],
    'cold' => ['nanoseconds' => $face::cold($order['layout'], $order['what'], $order['ids'], $order['number'])],
    'run' => $face::run($order['layout'], $order['ids'], $order['milliseconds']),
    'show' => ['digests' => $face::digests($order['ids'])],
    'create' => Million::create($order['file'], $order['count']),
    'touch' => Million::touch($order['file'], $order['count'], $order['what'], $order['seed']),
    'memory' => Million::memory(),
    'cache' => ['rows' => (object) Figures::ofCache()],
    'calls' => ['nanoseconds' => Calls::measure($order['file'], $order['rounds'])],
};
echo json_encode($answer, JSON_THROW_ON_ERROR);
