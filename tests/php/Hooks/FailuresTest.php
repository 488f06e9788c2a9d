<?php

declare(strict_types=1);

namespace Holdfast\Tests\Hooks;

use Holdfast\Tests\HoldfastTestCase;

/**
 * Issue 4, item 7: hooks that throw, exit, or call what they hook.
 */
final class FailuresTest extends HoldfastTestCase
{
    /** @dataProvider times */
    public function testAnExceptionEndsTheCall(string $add): void
    {
        $log = $this->directory() . '/log';
        $this->passes(<<<PHP
            \$session = new Session();
            \$session->$add('log', static function () { throw new DomainException('from the hook'); });
            \$session->$add('log', static fn () => assert(false, 'no hook runs after it'));
            \$session->addHookAfter('log', static fn () => assert(false, 'no hook runs after it'));
            for (\$time = 0; \$time < 300; ++\$time) {
                try {
                    \$session->log('text');
                    assert(false);
                } catch (DomainException \$thrown) {
                    assert(\$thrown->getMessage() === 'from the hook' && \$thrown->getPrevious() === null);
                }
            }
            \$session->a = 1;
            \$session->save();
            PHP, ['error_log' => $log]);
        self::assertSame($add === 'addHookAfter' ? 300 : 0, substr_count((string) @file_get_contents($log), 'text'));
    }

    /** @dataProvider times */
    public function testExitInAHook(string $add): void
    {
        $written = $this->cli()->run(<<<PHP
            \$session = new Session();
            \$session->a = 1;
            register_shutdown_function(function () use (\$session) { \$session->late = 1; echo \$session->getId(); });
            \$session->$add('changed', static function () { exit; });
            \$session->addHookAfter('changed', static function () { echo 'a hook ran after exit'; });
            try {
                \$session->b = 2;
            } catch (Throwable) {
                echo 'caught';
            } finally {
                echo 'finally';
            }
            echo 'went on';
            PHP);
        self::assertSame('', $written->errors);
        self::assertSame(0, $written->exitCode);
        // The shutdown function's change is stored, too: its hook exits before the variable is set.
        self::assertSame('', $written->output);
    }

    /** @return array<string, array{string}> */
    public static function times(): array
    {
        return ['before' => ['addHookBefore'], 'after' => ['addHookAfter']];
    }

    public function testAfterExitInAHookEverythingElseIsSaved(): void
    {
        $written = $this->cli()->run(<<<'PHP'
            $session = new Session();
            $session->a = 1;
            $session->addHookAfter('log', static function () { exit; });
            register_shutdown_function(function () use ($session) { $session->late = 1; echo $session->getId(); });
            $session->log();
            $session->b = 2;
            PHP);
        self::assertSame('', $written->errors);
        self::assertMatchesRegularExpression(self::ID, $written->output);
        $this->passes(
            "\$session = new Session(['id' => '$written->output']); assert(\$session->getAll() === ['a' => 1, 'late' => 1]);"
        );
    }

    public function testAHookMayCallTheMethodThatItHooks(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $seen = [];
            $session->addHookBefore('changed', static function (HookEvent $event) use (&$seen): void {
                $seen[] = $event->arguments(0);
                if (strlen($event->arguments(0)) < 3) {
                    $event->return = $event->object->changed($event->arguments(0) . 'x');
                    $event->replace = true;
                }
            });
            $session->addHookAfter('changed', static function (HookEvent $event): void { $event->return .= '+'; });
            assert($session->changed('x') === '+++');
            assert($seen === ['x', 'xx', 'xxx']);
            PHP);
    }

    public function testHooksThatCallThemselvesWithoutEndAreAnExceptionAndNoCrash(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $session->addHook('changed', static function (HookEvent $event): void { $event->object->set('n', $event->object->n + 1); });
            for ($time = 0; $time < 3; ++$time) {
                try {
                    $session->a = $time;
                    assert(false);
                } catch (Holdfast\Exception\InvalidState $refused) {
                    assert(str_contains($refused->getMessage(), 'changed()'), $refused->getMessage());
                }
            }
            $session->removeHook(':100.0:changed');
            $session->a = 'at last';
            assert($session->a === 'at last');
            PHP);
    }

    public function testAHookThatTakesNoEvent(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $session->addHook('changed', static fn (int $event) => 1);
            try {
                $session->changed('x');
                assert(false);
            } catch (TypeError) {
            }
            PHP);
    }

    /** PHP writes $_SESSION when our sessions are saved already, and asks the objects in it how. */
    public function testAfterTheRequestThereAreNoHooksAndNoneIsAdded(): void
    {
        $result = $this->cli(['session.save_path' => $this->directory(), 'session.use_cookies' => 0])->run(<<<'PHP'
            class Late
            {
                public function __construct(private Session $session) {}
                public function __serialize(): array
                {
                    echo count($this->session->getHooks()), ' ';
                    try {
                        $this->session->addHook('log', static fn () => print('never'));
                    } catch (Holdfast\Exception\InvalidState $refused) {
                        echo $refused->getMessage();
                    }
                    $this->session->log();
                    return [];
                }
            }
            $session = new Session();
            $session->addHook('log', static fn () => print('too late'));
            session_start();
            $_SESSION['late'] = new Late($session);
            echo count($session->getHooks()), ' ';
            PHP);
        self::assertSame('', $result->errors);
        self::assertSame('1 0 the request has ended: no hook can run any more', $result->output);
    }

    public function testHooksEndWithTheRequest(): void
    {
        $result = $this->cli()->run(<<<'PHP'
            class Late
            {
                public function __construct(private Session $session) {}
                public function __destruct() { echo 'destructed'; $this->session->addHook('log', fn () => print('never')); }
                public function __invoke(): void { echo 'invoked '; }
            }
            $session = new Session();
            $session->addHook('changed', new Late($session));
            $session->a = 1;
            PHP);
        self::assertSame('', $result->errors);
        self::assertSame('invoked destructed', $result->output);
    }
}
