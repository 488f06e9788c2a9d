<?php

// Every way to read and write a variable, and errors on the way.

declare(strict_types=1);

final class Counting extends Session
{
    public int $reads = 0;

    public function __construct()
    {
    }

    public function get($key, $_key = null)
    {
        ++$this->reads;
        return parent::get($key, $_key);
    }
}

$session = new Session();
for ($round = 0; $round < 5; ++$round) {
    $session->set('a', $round)->setFor('ns', 'k', [$round, "text $round"])->set('ns', 'l', $round);
    $session->name = "Ann $round";
    $session['list'][] = "item $round";
    $session->deep['er'][$round]['est'] = (object) ['round' => $round];
    $session['n']++;
    $session->list2[] = $round;
    $reference = &$session->referenced;
    $reference = ["r$round"];
    unset($reference, $session->name, $session['missing']);
    foreach ($session as $name => $value) {
        isset($session[$name]) || isset($session->$name);
    }
    json_encode($session);
    print_r($session, true);
    (clone (object) ['all' => $session->getAll()]) == $session;
    $session->isChanged('a');
    $session->getChanges(true);
    $session->resetTrackChanges($round);
    $session->save();
    $session->remove('ns', 'k')->remove('ns', true);
    $session->getVal('missing', ['default']);
    $session->getValFor('missing', 'missing', new stdClass());
}

$attempts = [
    static fn () => $session->set('closure', static fn () => 1),
    static fn () => $session->set('resource', fopen('php://memory', 'r')),
    static fn () => $session->getFor(1, 'x'),
    static fn () => new Session(['unknown' => 1]),
    static fn () => new Session(['store' => 'mysql:']),
    static fn () => new Session(['id' => 'x']),
    static fn () => $session->setCookieName('a b'),
    static fn () => serialize($session),
    static fn () => clone $session,
    static function () use ($session): void {
        $session->set('deep', [static fn () => 1]);
        $session->save();
    },
];
foreach ($attempts as $attempt) {
    try {
        $attempt();
    } catch (Throwable) {
    }
}
unset($session['deep']);

$subclass = new Counting();
$subclass->get('a');
$subclass->getFor('ns', 'x');
$cycle = new stdClass();
$cycle->session = $subclass;
$cycle->cycle = $cycle;
unset($cycle, $subclass);
gc_collect_cycles();

$session->regenerate();
$session->close();
$session->start();
$session->a = 2;
$session->destroy();
$session->b = 3;
$other = new Session(['cookie_name' => 'other', 'store' => 'memory:?capacity=1M']);
$other->c = 4;
