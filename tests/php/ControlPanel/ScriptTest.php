<?php

declare(strict_types=1);

namespace Holdfast\Tests\ControlPanel;

use Holdfast\Tests\HoldfastTestCase;

/**
 * Issue 5, item 5, in scripts of a command line: hooks, refusals, and what the store removes.
 */
final class ScriptTest extends HoldfastTestCase
{
    private const SESSION = "require '" . __DIR__ . "/../site/users/ListedUsers.php';"
        . '$session = new Session(); $session->setUserProvider(new ListedUsers());';

    public function testHooksOfALoginRunAndMayRefuseIt(): void
    {
        $this->passes(self::SESSION . <<<'PHP'
            $heard = [];
            foreach (['allowLogin', 'loginSuccess', 'loginFailure', 'hookLogin'] as $method) {
                $session->addHookAfter($method, function (HookEvent $event) use (&$heard, $method): void {
                    $first = $event->arguments(0);
                    $heard[] = [$method, $first instanceof Holdfast\User ? $first->getName() : $first];
                });
            }
            assert($session->create_new_session(1) === $session->getId());
            assert($heard === [['allowLogin', 'alice'], ['loginSuccess', 'alice'], ['hookLogin', 'alice']]);

            $heard = [];
            $session->addHookAfter('allowLogin', function (HookEvent $event): void { $event->return = false; });
            $id = $session->getId();
            try {
                $session->create_new_session(2, true);
                assert(false);
            } catch (Holdfast\Exception\InvalidState $refused) {
                assert(str_contains($refused->getMessage(), 'Login not allowed'));
            }
            assert(array_column($heard, 0) === ['allowLogin', 'loginFailure', 'hookLogin']);
            assert($session->getUser()->getName() === 'alice' && $session->getId() === $id && $session->userdata('admin_sess') === 0);
            PHP);
    }

    public function testAUserObjectIsAMemberToo(): void
    {
        $this->passes(self::SESSION . <<<'PHP'
            $session->create_new_session((new ListedUsers())->findByName('carol'));
            assert($session->userdata('member_id') === 'c-3' && $session->getUser()->getName() === 'carol');
            PHP);
    }

    public function testASessionThatIsClosedIsNotChanged(): void
    {
        $this->passes(self::SESSION . <<<'PHP'
            $session->create_new_session(1, true);
            $session->close();
            foreach ([fn () => $session->lock_cp(), fn () => $session->create_new_session(2)] as $change) {
                try {
                    $change();
                    assert(false);
                } catch (Holdfast\Exception\InvalidState $refused) {
                    assert(str_contains($refused->getMessage(), 'closed'));
                }
            }
            assert($session->update_session() === null);
            assert($session->userdata('admin_sess') === 1);
            PHP);
    }

    public function testItIsLockedWhenTheCallReturnsWhateverBecomesOfTheRequest(): void
    {
        $killed = $this->cli()->run(self::SESSION . <<<'PHP'
            final class Unstorable
            {
                public function __serialize(): array
                {
                    throw new RuntimeException('not now');
                }
            }
            echo $session->create_new_session(1, true);
            $session->x = new Unstorable();
            $session->lock_cp();
            exec('kill -9 ' . getmypid());
            PHP);
        self::assertMatchesRegularExpression(self::ID, $killed->output, $killed->errors);
        self::assertNotSame(0, $killed->exitCode);
        $this->passes(<<<PHP
            \$session = new Session(['id' => '{$killed->output}']);
            assert(\$session->isLoggedin() && \$session->userdata('admin_sess') === 0 && \$session->get('_admin_sess') === 0);
            PHP);
    }

    public function testUpdateSessionLetsTheSessionOfALongScriptLiveOn(): void
    {
        $this->passes(self::SESSION . <<<'PHP'
            $session->create_new_session(1);
            $before = $session->getSessions()[0];
            usleep(1_100_000);
            assert($session->getSessions()[0]->expires === $before->expires);
            assert($session->update_session() === null);
            $after = $session->getSessions()[0];
            assert($after->expires > $before->expires && $after->lastActivity > $before->lastActivity);
            assert($after->handle === $before->handle);
            PHP);
    }

    public function testDeleteOldSessionsRemovesWhatHasExpired(): void
    {
        $count = <<<'PHP'
            $records = static function (): int {
                ob_start();
                phpinfo(INFO_MODULES);
                preg_match('/^Records => (\d+)$/m', ob_get_clean(), $found);
                return (int) $found[1];
            };
            PHP;
        $this->passes($count . <<<'PHP'
            foreach (range(1, 20) as $n) {
                $session = new Session(['cookie_name' => "short$n", 'lifetime' => 1]);
                $session->x = 1;
                $session->save();
            }
            $long = new Session();
            $long->x = 1;
            $long->save();
            assert($records() === 21);
            usleep(1_100_000);
            assert($records() === 21);
            assert($long->delete_old_sessions() === null);
            assert($records() === 1 && $long->x === 1);
            foreach (range(1, 20) as $n) {
                (new Session(['cookie_name' => "short$n", 'lifetime' => 1]))->destroy();
            }
            PHP);
    }

    public function testTheOptionsAreCheckedAsTheSettingsAre(): void
    {
        $this->passes(<<<'PHP'
            foreach ([['cp_lifetime', -1], ['cp_lifetime', 'long'], ['control_panel', 'perhaps']] as [$name, $value]) {
                try {
                    new Session([$name => $value]);
                    assert(false);
                } catch (Holdfast\Exception\InvalidArgument $refused) {
                    assert(str_contains($refused->getMessage(), "'$name'"));
                }
            }
            new Session(['cp_lifetime' => 0, 'control_panel' => true]);
            PHP);
        foreach (['holdfast.cp_lifetime' => 'long', 'holdfast.control_panel' => 'perhaps'] as $name => $value) {
            self::assertStringContainsString("$name must be", $this->cli([$name => $value])->run('')->errors);
        }
    }
}
