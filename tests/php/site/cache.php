<?php

/**
 * Says what is in the session's cache, and puts an object there whose destructor counts in the session, unless with ?only=.
 */

declare(strict_types=1);

final class Counted
{
    public function __destruct()
    {
        $session = new Session();
        $session->set('destroyed', 1 + (int) $session->get('destroyed'));
        $session->set_cache('of', 'a destructor', $this);
    }
}

$session = new Session();
$said = ['before' => $session->cache];
$session->set_cache('class', 'key', isset($_GET['only']) ? new stdClass() : new Counted());
$session->cache['class']['closure'] = static fn (): int => 1;
$said += ['after' => count($session->cache['class']), 'destroyed' => (int) $session->get('destroyed'), 'worker' => getmypid()];
if (!isset($_GET['only'])) {
    $session->touch = true;
}

header('Content-Type: application/json');
echo json_encode($said);
