<?php

declare(strict_types=1);

namespace Holdfast\Tests\Hooks;

use Holdfast\Tests\HoldfastTestCase;

/**
 * Issue 4, item 7: hooks, and overriding in a subclass, work for calls that come from inside. `init()` is called when the
 * session is loaded, `changed()` when a change is noted, `callUnknown()` when a method is missing.
 */
final class InsideTest extends HoldfastTestCase
{
    /** A subclass that notes the calls of what it overrides. */
    private const LOUD = <<<'PHP'
        class Loud extends Session
        {
            public array $calls = [];
            public function init() { $this->calls[] = 'init'; return parent::init(); }
            public function changed($what, $old = null, $new = null)
            {
                $this->calls[] = "changed $what " . json_encode([$old, $new]);
                return parent::changed($what, $old, $new);
            }
            protected function callUnknown($method, $arguments) { return "$method " . json_encode($arguments); }
        }

        PHP;

    /** @dataProvider uses */
    public function testInitIsCalledOnceWhenTheSessionIsLoaded(string $use): void
    {
        $this->passes(<<<PHP
            \$session = new Session();
            \$notes = [];
            \$session->addHookBefore('Session::init', function (HookEvent \$event) use (\$session, &\$notes): void {
                assert(\$event->object === \$session);
                \$notes[] = 'before';
            });
            \$session->addHookAfter('init', function (HookEvent \$event) use (&\$notes): void { \$notes[] = 'after ' . json_encode(\$event->return); });
            $use;
            \$session->get('a');
            \$session->b = 1;
            \$session->init();
            \$session->start();
            assert(\$notes === ['before', 'after true'], implode(', ', \$notes));
            \$session->close();
            \$session->start();
            assert(count(\$notes) === 4, 'a session that is opened again is loaded again');
            PHP);
    }

    /** @return array<string, array{string}> */
    public static function uses(): array
    {
        return [
            'init' => ['assert($session->init() === true)'],
            'start' => ['$session->start()'],
            'get' => ['$session->get("a")'],
            'set' => ['$session->set("a", 1)'],
            'property' => ['$session->a'],
            'property in place' => ['$session->list[] = 1'],
            'array' => ['isset($session["a"])'],
            'array in place' => ['$session["list"]["x"] = 1'],
            'count' => ['count($session)'],
            'foreach' => ['foreach ($session as $value) {}'],
            'json' => ['json_encode($session)'],
            'dump' => ['print_r($session, true)'],
            'comparison' => ['$session == new Session(["cookie_name" => "other"])'],
            'increment' => ['$session->increment("n")'],
            'getId' => ['$session->getId()'],
        ];
    }

    public function testNothingIsLoadedByAddingHooks(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $session->addHookBefore('init', static fn () => assert(false, 'nothing was read'));
            $session->hasHook('init()');
            $session->getHooks();
            $session->removeHook('x');
            assert($session->setCookieName('other') === $session);
            PHP);
    }

    /** As in ProcessWire: "in case anything wants to hook in before session_start()". */
    public function testABeforeHookOfInitMayStillSetTheCookieName(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $session->addHookBefore('init', static function (HookEvent $event): void { $event->object->setCookieName('late'); });
            $session->a = 1;
            assert($session->getCookieName() === 'late');
            PHP);
    }

    public function testHooksOfInitMayUseTheSession(): void
    {
        $id = $this->roundTrip('$session->a = 1;', '');
        $this->passes(<<<PHP
            \$session = new Session(['id' => '$id']);
            \$reads = [];
            foreach (['addHookBefore', 'addHookAfter'] as \$add) {
                \$session->\$add('init', function (HookEvent \$event) use (&\$reads): void {
                    \$reads[] = \$event->object->get('a');
                    \$event->object->init();
                    \$event->object->set(\$event->when, true);
                });
            }
            assert(\$session->getAll() === ['a' => 1, 'before' => true, 'after' => true]);
            assert(\$reads === [1, 1]);
            PHP);
    }

    /** A session whose init() does not run is not read; beginning another one in its place would lose the visitor's. */
    public function testWhereInitIsReplacedTheRequestDoesWithoutTheSession(): void
    {
        foreach (['$event->replace = true; $event->return = "mine";', '$event->cancelHooks = true;'] as $how) {
            $id = $this->roundTrip('$session->a = 1;', '');
            $this->passes(<<<PHP
                \$session = new Session(['id' => '$id']);
                \$runs = 0;
                \$hook = \$session->addHookBefore('init', function (HookEvent \$event) use (&\$runs): void { ++\$runs; $how });
                assert(\$session->getAll() === [] && \$session->get('a') === null);
                try {
                    \$session->b = 1;
                    assert(false);
                } catch (Holdfast\\Exception\\InvalidState) {
                }
                assert(\$runs === 1);
                \$session->removeHook(\$hook);
                \$session->start();
                assert(\$session->getAll() === ['a' => 1]);
                PHP);
        }
    }

    public function testAnExceptionInAHookOfInitReachesWhoeverUsesTheSession(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $hook = $session->addHookBefore('init', static function () { throw new DomainException('not now'); });
            $uses = [
                fn () => $session->a, fn () => $session['a'], fn () => count($session), fn () => $session->set('a', 1),
                function () use ($session) { $session->list[] = 1; }, function () use ($session) { $session['list'][] = 1; },
                fn () => print_r($session, true), fn () => $session->close(),
            ];
            foreach ($uses as $at => $use) {
                try {
                    $use();
                    assert(false, "use $at");
                } catch (DomainException) {
                }
            }
            $session->removeHook($hook);
            assert($session->getAll() === []);
            PHP);
    }

    public function testChangedIsCalledWhenAChangeIsNoted(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $session->list = [1];
            $notes = [];
            $session->addHookAfter('Session::changed', function (HookEvent $event) use ($session, &$notes): void {
                assert($event->object === $session && $session->isChanged($event->arguments('what')));
                $notes[] = [...$event->arguments(), $session->get($event->arguments(0))];
            });
            $session->a = 1;
            $session->a = 1;
            $session['a'] = 2;
            $session->set('a', null);
            $session->setFor('ns', 'k', 'v');
            assert($notes === [['a', null, 1, null], ['a', 1, 2, 1], ['a', 2, null, 2], ['ns', null, ['k' => 'v'], null]], json_encode($notes));
            $notes = [];
            $session->list[] = 2;
            assert($notes === [], 'what is changed in place is noticed when somebody asks');
            assert(in_array('list', $session->getChanges(), true));
            assert($notes === [['list', [1], [1, 2], [1, 2]]], json_encode($notes));
            $session->setTrackChanges(false);
            $session->a = 3;
            assert(count($notes) === 1, 'nothing is called when changes are not tracked');
            PHP);
    }

    public function testAHookOfChangedMayChangeMore(): void
    {
        $this->roundTrip(<<<'PHP'
            $session->addHookBefore('changed', static function (HookEvent $event): void {
                if ($event->arguments(0) !== 'last') {
                    $event->object->set('last', $event->arguments(0));
                }
            });
            $session->a = 1;
            $session->b = [2];
            PHP, 'assert($session->getAll() === ["last" => "b", "a" => 1, "b" => [2]], json_encode($session));');
    }

    public function testAHookOfChangedMayCloseTheSession(): void
    {
        $this->roundTrip(<<<'PHP'
            $session->a = 1;
            $session->addHookBefore('changed', static function (HookEvent $event): void { $event->object->close(); });
            try {
                $session->b = 2;
                assert(false);
            } catch (Holdfast\Exception\InvalidState) {
            }
            PHP, 'assert($session->getAll() === ["a" => 1]);');
    }

    public function testAHookOfChangedMayRefuseTheChange(): void
    {
        $this->roundTrip(<<<'PHP'
            $session->addHookBefore('changed', static function (HookEvent $event): void {
                if ($event->arguments('new') === 'bad') {
                    throw new DomainException('refused');
                }
            });
            $session->a = 'good';
            try {
                $session->a = 'bad';
                assert(false);
            } catch (DomainException) {
            }
            PHP, 'assert($session->a === "good");');
    }

    public function testASubclassIsAskedFromInside(): void
    {
        $this->passes(self::LOUD . <<<'PHP'
            $session = new Loud();
            $session->a = 1;
            $session['a'] = 2;
            $session->get('a');
            assert($session->calls === ['init', 'changed a [null,1]', 'changed a [1,2]'], implode('; ', $session->calls));
            assert($session->whatIsThis(1, 'x') === 'whatIsThis [1,"x"]');
            PHP);
    }

    public function testBothASubclassAndHooks(): void
    {
        $this->passes(self::LOUD . <<<'PHP'
            $session = new Loud();
            foreach (['init', 'changed'] as $method) {
                $session->addHookBefore($method, function (HookEvent $event): void { $event->object->calls[] = "$event->method before"; });
                $session->addHookAfter("Loud::$method", function (HookEvent $event): void { $event->object->calls[] = "$event->method after"; });
            }
            $session->a = 1;
            assert($session->calls === [
                'init', 'init before', 'init after', 'changed a [null,1]', 'changed before', 'changed after',
            ], implode('; ', $session->calls));
            PHP);
    }

    public function testAnInitThatUsesTheSessionFirst(): void
    {
        $this->passes(<<<'PHP'
            class Eager extends Session
            {
                public int $calls = 0;
                public function init() { ++$this->calls; $this->seen = $this->get('missing'); return parent::init(); }
            }
            $session = new Eager();
            $hooked = 0;
            $session->addHook('init', function () use (&$hooked): void { ++$hooked; });
            $session->a = 1;
            assert($session->calls === 1 && $hooked === 1 && $session->getAll() === ['seen' => null, 'a' => 1], json_encode($session));
            PHP);
    }

    public function testAnInitThatDoesNotCallItsParentReplacesIt(): void
    {
        $id = $this->roundTrip('$session->a = 1;', '');
        $this->passes(<<<PHP
            class None extends Session { public function init() { return false; } }
            \$session = new None(['id' => '$id']);
            assert(\$session->init() === false);
            assert(\$session->getAll() === []);
            try {
                \$session->b = 1;
                assert(false);
            } catch (Holdfast\\Exception\\InvalidState) {
            }
            PHP);
        $this->passes("assert((new Session(['id' => '$id']))->getAll() === ['a' => 1]);");
    }

    public function testAnExceptionInASubclass(): void
    {
        $this->passes(<<<'PHP'
            class Strict extends Session
            {
                public function changed($what, $old = null, $new = null): void { throw new DomainException("not $what"); }
            }
            $session = new Strict();
            try {
                $session->a = 1;
                assert(false);
            } catch (DomainException $thrown) {
                assert($thrown->getMessage() === 'not a');
            }
            assert($session->getAll() === []);
            PHP);
    }
}
