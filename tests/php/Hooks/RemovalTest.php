<?php

declare(strict_types=1);

namespace Holdfast\Tests\Hooks;

use Holdfast\Tests\HoldfastTestCase;

/**
 * Issue 4, item 7: removeHook, also while hooks are running.
 */
final class RemovalTest extends HoldfastTestCase
{
    public function testById(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $count = 0;
            $hook = static function () use (&$count): void { ++$count; };
            $one = $session->addHook('changed', $hook);
            $two = $session->addHook('Session::changed', $hook);
            assert($session->removeHook($one) === $session);
            $session->changed('x');
            assert($count === 1 && array_column($session->getHooks(), 'id') === [$two]);
            $session->removeHook($two)->removeHook($two)->removeHook('nonsense')->removeHook('')->removeHook(null);
            $session->changed('x');
            assert($count === 1 && $session->getHooks() === [] && !$session->hasHook('changed()'));
            PHP);
    }

    public function testSeveralIdsAtOnce(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $ids = $session->addHook('changed, init, log', 'strlen');
            assert(count($session->getHooks()) === 3);
            $session->removeHook($ids);
            assert($session->getHooks() === []);
            $ids = $session->addHook(['changed', 'init'], 'strlen');
            $session->removeHook([...explode(',', $ids), 'unknown']);
            assert($session->getHooks() === []);
            PHP);
    }

    public function testAHookRemovesItself(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $count = 0;
            foreach ([null, '', 'self'] as $how) {
                $session->addHook('changed', static function (HookEvent $event) use (&$count, $how): void {
                    ++$count;
                    assert($event->removeHook($how === 'self' ? $event : $how) === $event);
                });
            }
            $session->changed('x');
            $session->changed('x');
            assert($count === 3 && $session->getHooks() === []);
            PHP);
    }

    /** The hook is all that holds the closure, the object in it, and what it will say. */
    public function testAHookThatDropsTheLastHoldOnItselfRunsToItsEnd(): void
    {
        $this->passes(<<<'PHP'
            class Witness
            {
                public static int $dead = 0;
                public function __destruct() { ++self::$dead; }
            }
            $session = new Session();
            $said = [];
            $witness = new Witness();
            $text = str_repeat('still here ', 3);
            $session->addHook('changed', static function (HookEvent $event) use ($witness, $text, &$said): void {
                $event->removeHook(null);
                gc_collect_cycles();
                assert(Witness::$dead === 0);
                $said[] = $text . get_class($witness);
            });
            unset($witness);
            $session->changed('x');
            assert($said === ['still here still here still here Witness'] && Witness::$dead === 1);
            PHP);
    }

    /** As in ProcessWire, where a call goes through the hooks that there were when it began. */
    public function testWhatIsAddedOrRemovedMeanwhileCountsFromTheNextCallOn(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $notes = [];
            $second = null;
            $session->addHookBefore('changed', static function (HookEvent $event) use ($session, &$notes, &$second): void {
                $notes[] = 'first';
                $session->removeHook($second);
                $session->addHookBefore('changed', static function () use (&$notes): void { $notes[] = 'added'; });
                $event->removeHook(null);
            });
            $second = $session->addHookBefore('changed', static function () use (&$notes): void { $notes[] = 'second'; });
            $session->changed('x');
            assert($notes === ['first', 'second'], implode(', ', $notes));
            $session->changed('x');
            assert($notes === ['first', 'second', 'added'], implode(', ', $notes));
            PHP);
    }

    public function testAnEventRemovesOtherHooksToo(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $other = $session->addHook('log', 'strlen');
            $session->addHook('changed', static function (HookEvent $event) use ($other): void { $event->removeHook($other); });
            $session->changed('x');
            assert(array_column($session->getHooks(), 'id') === [':100.0:changed']);
            PHP);
    }

    /** A destructor that runs because its hook was removed may use the hooks. */
    public function testDestructorsOfRemovedHooksMayUseTheSession(): void
    {
        $this->passes(<<<'PHP'
            class Last
            {
                public function __construct(private Session $session) {}
                public function __destruct() { $this->session->addHook('log', 'strlen'); $this->session->late = true; }
                public function __invoke() {}
            }
            $session = new Session();
            $session->removeHook($session->addHook('changed', new Last($session)));
            assert(array_column($session->getHooks(), 'id') === [':100.0:log'] && $session->late === true);
            PHP);
    }

    public function testAddingAndRemovingKeepsMemoryFlat(): void
    {
        $this->passes(<<<'PHP'
            function cycles(Session $session, int $count): void
            {
                for ($n = 0; $n < $count; ++$n) {
                    $text = str_repeat('x', $n % 100);
                    $id = $session->addHookBefore('Session::changed', static fn (HookEvent $event) => $event->arguments(2, $text), ['n' => [$n]]);
                    $session->changed('what', ['old'], ['new']);
                    $session->removeHook($id);
                }
            }
            $session = new Session();
            cycles($session, 1000);
            $before = memory_get_usage();
            cycles($session, 50000);
            assert(memory_get_usage() - $before < 16384, 'grown by ' . memory_get_usage() - $before);
            PHP);
    }
}
