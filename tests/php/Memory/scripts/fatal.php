<?php

// A request that ends by an uncaught error, with objects alive. No cycle: PHP itself loses those at a request's end when
// its own allocator is switched off.

declare(strict_types=1);

$session = new Session();
$session->object = new ArrayObject([1, 2, 3]);
$held = &$session->held;
$held['session'] = 'a string';
$holder = new stdClass();
$holder->session = $session;
register_shutdown_function(static function (): void {
    Session::current()->late = ['shutdown'];
});
function deeper(Session $session): never
{
    $session->inside = str_repeat('x', 100000);
    throw new RuntimeException('uncaught');
}
deeper($session);
