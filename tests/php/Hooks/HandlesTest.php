<?php

declare(strict_types=1);

namespace Holdfast\Tests\Hooks;

use Holdfast\Tests\HoldfastTestCase;

/**
 * Issue 4, item 7: hooks belong to the session of a request. Every object of one cookie name has them, and each event
 * names the object that was used.
 */
final class HandlesTest extends HoldfastTestCase
{
    public function testAllObjectsOfASessionShareItsHooks(): void
    {
        $this->passes(<<<'PHP'
            $one = new Session();
            $other = new Session();
            $seen = [];
            $id = $one->addHook('changed', function (HookEvent $event) use (&$seen): void { $seen[] = $event->object; });
            $one->a = 1;
            $other->a = 2;
            $other['b'] = 3;
            assert($seen === [$one, $other, $other]);
            assert($other->hasHook('changed()') && Session::current()->getHooks('changed') === $one->getHooks('changed'));
            $other->removeHook($id);
            $one->a = 4;
            assert(count($seen) === 3);
            PHP);
    }

    public function testTheObjectIsTheOneThatWasUsedAlsoInsideOfAnother(): void
    {
        $this->passes(<<<'PHP'
            $one = new Session();
            $other = new Session();
            $seen = [];
            $one->addHook('changed', function (HookEvent $event) use ($one, $other, &$seen): void {
                $seen[] = [$event->arguments(0), $event->object === $one ? 'one' : 'other'];
                if ($event->arguments(0) === 'a') {
                    (new Session())->get('x');
                    $other->b = 1;
                    $event->object->c = 1;
                }
            });
            $one->a = 1;
            assert($seen === [['a', 'one'], ['b', 'other'], ['c', 'one']], json_encode($seen));
            PHP);
    }

    public function testTheObjectIsTheOneThatWasUsedAlsoAfterAnotherWas(): void
    {
        $this->passes(<<<'PHP'
            $one = new Session();
            $other = new Session();
            $seen = [];
            $one->addHook('init', static fn () => $other->get('x'));
            $one->addHook('changed', function (HookEvent $event) use (&$seen): void { $seen[] = $event->object; });
            $one->a = 1;
            assert($seen === [$one]);
            PHP);
    }

    /** The object dies while its own method is running. */
    public function testAnObjectThatIsDroppedMeanwhile(): void
    {
        $this->passes(<<<'PHP'
            $seen = [];
            Session::current()->addHook('changed', function (HookEvent $event) use (&$seen): void {
                $GLOBALS['session'] = null;
                gc_collect_cycles();
                $seen[] = get_class($event->object);
                Session::current()->isChanged();
            });
            class Passing extends Session {}
            function passing(): Passing { return new Passing(); }
            $session = new Passing();
            $session->a = 1;
            $session = new Passing();
            $session['list'] = 1;
            passing()->b = 1;
            passing()->setFor('ns', 'c', 1);
            $session = new Passing();
            $session->list2[] = 1;
            $session = null;
            Session::current()->getChanges();
            assert($seen === ['Passing', 'Passing', 'Passing', 'Passing', 'Holdfast\Session'], implode(', ', $seen));
            assert(Session::current()->getAll() === ['a' => 1, 'list' => 1, 'b' => 1, 'ns' => ['c' => 1], 'list2' => [1]]);
            PHP);
    }

    public function testSessionsOfOtherCookieNamesHaveHooksOfTheirOwn(): void
    {
        $this->passes(<<<'PHP'
            $one = new Session();
            $other = new Session(['cookie_name' => 'other']);
            $seen = [];
            $hook = function (HookEvent $event) use (&$seen): void { $seen[] = $event->object->getCookieName(); };
            $one->addHook('Session::changed', $hook);
            $other->a = 1;
            assert($seen === [] && $other->getHooks() === []);
            $other->addHook('changed', $hook);
            $one->a = 1;
            $other->a = 2;
            assert($seen === ['holdfast', 'other']);
            PHP);
    }

    public function testAHookOfASubclassIsNotForOthers(): void
    {
        $this->passes(<<<'PHP'
            namespace Shop;
            class ShopSession extends \Session {}
            class Admin extends ShopSession {}
            class Other extends \Session {}
            $plain = new \Session();
            $seen = [];
            $hook = function (\HookEvent $event) use (&$seen): void { $seen[] = "$event->id " . $event->object::class; };
            $plain->addHook('Shop\ShopSession::log', $hook);
            (new Admin())->addHook('Admin::log', $hook);
            (new ShopSession())->addHook('log', $hook, ['allInstances' => true]);
            $plain->addHook('log', $hook, ['fromClass' => 'Shop\Other', 'priority' => 101]);
            foreach ([$plain, new ShopSession(), new Admin(), new Other()] as $session) {
                $session->log();
            }
            assert($seen === [
                'Shop\ShopSession:100.0:log Shop\ShopSession', 'ShopSession:100.2:log Shop\ShopSession',
                'Shop\ShopSession:100.0:log Shop\Admin', 'Admin:100.1:log Shop\Admin', 'ShopSession:100.2:log Shop\Admin',
                'Shop\Other:101.0:log Shop\Other',
            ], implode("; ", $seen));
            assert($plain->hasHook('log()') === false && (new Admin())->hasHook('log()') === true);
            PHP);
    }

    public function testASubclassWhoseConstructorDoesNotCallItsParent(): void
    {
        $this->passes(<<<'PHP'
            class Quiet extends Session { public function __construct() {} }
            $session = new Quiet();
            $seen = [];
            $session->addHook('init', function (HookEvent $event) use (&$seen): void { $seen[] = $event->object; });
            $session->a;
            assert($seen === [$session]);
            PHP);
    }
}
