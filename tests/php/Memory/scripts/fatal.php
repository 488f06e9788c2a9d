<?php

// A request that ends by an uncaught error, with objects and a cycle alive.

declare(strict_types=1);

$session = new Session();
$session->object = new ArrayObject([1, 2, 3]);
$held = &$session->held;
$held['session'] = 'a string';
$cycle = new stdClass();
$cycle->self = $cycle;
$cycle->session = $session;
register_shutdown_function(static function (): void {
    Session::current()->late = ['shutdown'];
});
function deeper(Session $session): never
{
    $session->inside = str_repeat('x', 100000);
    throw new RuntimeException('uncaught');
}
deeper($session);
