<?php

/**
 * The cache by its methods, its place and references into it, with destructors that use it, values that are replaced, and
 * cycles through the session that stand until the request ends.
 */

declare(strict_types=1);

final class Cached
{
    public ?Session $session = null;

    public function __destruct()
    {
        (new Session())->set_cache('destroyed', spl_object_id($this), [new stdClass()]);
    }
}

$session = new Session();
for ($turn = 0; $turn < 3; ++$turn) {
    $session->set_cache('class', 'object', new Cached())->set_cache('class', "text $turn", str_repeat('x', 100 + $turn));
    $session->cache['class']['list'][] = new Cached();
    $copy = $session->cache;
    $session->set_cache('class', 'object', fopen('php://memory', 'r'));
    $mine =& $session->cache['AddOn'];
    $mine['closure'] = static fn (): array => $copy;
    $session->set_cache('AddOn', 'more', [$turn]);
    unset($session->cache['class']['list'][0], $mine);
    $session->cache('none', 'none', [$turn]);
    try {
        $session->set_cache('destroyed', [], new Cached());
    } catch (Holdfast\Exception\InvalidArgument) {
    }
    try {
        $session->cache = new Cached();
    } catch (Holdfast\Exception\InvalidArgument) {
    }
}
unset($session->cache);
$held = new Cached();
$held->session = $session;
$session->set_cache('cycle', 'object', $held);
$session->set_cache('cycle', 'session', $session);
$whole =& $session->cache;
$whole['cycle']['again'] = $whole['cycle'];
$session->a = 1;
unset($held, $whole, $session, $copy);
