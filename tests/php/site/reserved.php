<?php

/**
 * Does with the name ?name= what ?form= says, with the value ?value= (JSON), and says what that gave, and what the property of
 * this name and the variable were before it and after it. There is something in the cache.
 */

declare(strict_types=1);

set_error_handler(static fn (int $level, string $text) => throw new ErrorException($text));
['name' => $name, 'form' => $form] = $_GET;
$value = json_decode($_GET['value'] ?? 'null', true, flags: JSON_THROW_ON_ERROR);
$session = new Session();
$session->set_cache('k', 'l', 'here');
$found = static fn (): array => ['property' => $session->$name, 'variable' => $session->getAll()[$name] ?? null];
$before = $found();
$iterated = static function () use ($session): array {
    foreach ($session as $key => $each) {
        $all[$key] = $each;
    }
    return $all ?? [];
};
try {
    $result = match ($form) {
        'nothing' => '-',
        'property' => $session->$name,
        'isset property' => isset($session->$name),
        'property =' => [$session->$name = $value, '-'][1],
        'property[] =' => [$session->$name['k']['l'] = $value, '-'][1],
        'unset property' => (static function () use ($session, $name): string {
            unset($session->$name);
            return '-';
        })(),
        'get' => $session->get($name),
        'getVal' => $session->getVal($name, '-'),
        'set' => $session->set($name, $value),
        '[]' => $session[$name],
        'isset []' => isset($session[$name]),
        '[] =' => [$session[$name] = $value, '-'][1],
        '[][] =' => [$session[$name]['k']['l'] = $value, '-'][1],
        'unset []' => (static function () use ($session, $name): string {
            unset($session[$name]);
            return '-';
        })(),
        'getAll' => $session->getAll()[$name] ?? null,
        'foreach' => $iterated()[$name] ?? null,
        'json_encode' => json_decode((string) json_encode($session), true)[$name] ?? null,
        'count' => count($session) === count($session->getAll()) && count($session) === count($iterated()),
        'remove' => $session->remove($name),
        'save' => $session->set($name, $value)->save(),
        'increment' => $session->increment($name),
        'setFor' => $session->setFor($name, ...$value),
        'set in namespace' => $session->set($name, ...$value),
        'getFor' => $session->getFor($name, $value),
        'getAllFor' => $session->getAllFor($name),
        'removeFor' => $session->removeFor($name, $value),
        'destroy()' => $session->destroy(),
    };
} catch (Throwable $thrown) {
    $result = $thrown::class;
}
header('Content-Type: application/json');
$said = static fn (mixed $value): mixed => match (true) {
    $value instanceof Session => 'the session',
    $value instanceof Holdfast\CSRF => 'the tokens',
    is_array($value) => array_map($GLOBALS['said'], $value),
    default => $value,
};
echo json_encode($said(['result' => $result, 'before' => $before, 'after' => $found()]), JSON_THROW_ON_ERROR);
