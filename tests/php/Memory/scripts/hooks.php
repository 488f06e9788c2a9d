<?php

// Hooks of every kind: added, called, replaced, removed while they run, thrown out of, and left over at the end.

declare(strict_types=1);

final class Listener
{
    public function __construct(private readonly string $text)
    {
    }

    public function heard(HookEvent $event): void
    {
        $event->return = $this->text . $event->arguments(0);
    }

    private function secret(HookEvent $event): void
    {
        $event->arguments(2, [$this->text]);
    }

    public function listenTo(Session $session): void
    {
        $session->addHookBefore('changed', $this, 'secret', ['data' => [$this->text]]);
    }
}

final class Loud extends Session
{
    public function changed($what, $old = null, $new = null)
    {
        return parent::changed($what, $old, $new);
    }
}

$session = new Session();
$listener = new Listener(str_repeat('text ', 3));
$listener->listenTo($session);
$ids = $session->addHook('changed, init, Session::log', $listener, 'heard');
$session->addHookMethod('added', static function (HookEvent $event) use ($session): void {
    $event->removeHook(null);
    $event->return = [$event->argumentsByName(), $event->data, "$event"];
    unset($event->arguments, $event->object);
    $event->arguments = [];
});
for ($round = 0; $round < 5; ++$round) {
    $session->set("a$round", [$round]);
    $session->list[] = "item $round";
    $session->getChanges();
    (new Loud())->set('b', "text $round");
    $session->added($round);
    $session->addHookMethod('added', static fn (HookEvent $event) => $event->setArgument($event->arguments(0), "x$round"));
    $self = $session->addHookBefore('log', static function (HookEvent $event) use (&$self, $round): void {
        $event->object->removeHook($self);
        $event->replace = true;
        $event->return = ['replaced', $round];
        $reference = &$event->return;
        $reference[] = 'by reference';
    });
    $session->log("text $round");
    $session->addHook('callUnknown', static fn () => 1);
    try {
        $session->nobodyHasThis([$round], "text $round");
    } catch (Error $error) {
        $error->getMessage();
    }
    try {
        $session->addHookBefore('get', [$listener, 'heard']);
    } catch (Holdfast\Exception\InvalidArgument $refused) {
        $refused->getMessage();
    }
    $thrower = $session->addHookBefore('changed', static function (HookEvent $event): void {
        throw new RuntimeException("$event");
    });
    try {
        $session->c = "text $round";
    } catch (RuntimeException) {
    }
    $session->removeHook([$thrower]);
    $session->hasHook('changed()');
    $session->getHooks();
    $session->getHooks('changed', 1);
    $session->close();
    $session->start();
}
$session->removeHook($ids);
$event = new HookEvent(['object' => $session, 'method' => 'changed', 'arguments' => ['a']]);
$event->arguments('new', ['b']);
$session->addHook('changed', static function () use ($session): void {
    exit(0);
});
$session->last = 1;
