<?php

declare(strict_types=1);

namespace Holdfast\Tests\Authentication;

use Holdfast\Tests\HoldfastTestCase;

/**
 * Logins in scripts of a command line, where there are no cookies.
 */
final class ScriptTest extends HoldfastTestCase
{
    private const USERS = "require '" . __DIR__ . "/../site/users/ListedUsers.php';";

    public function testALoginNeedsNoCookieThere(): void
    {
        $this->passes(self::USERS . <<<'PHP'
            $session = new Session();
            $session->setUserProvider(new ListedUsers());
            $session->cart = 3;
            assert($session->login('alice', 'ecila')->getName() === 'alice');
            assert($session->isLoggedin() && $session->cart === 3);
            assert($session->getSessions()[0]->address === '');
            assert($session->logout() === $session && !$session->isLoggedin());
            PHP);
    }

    public function testAVariableThatCanNotBeStoredIsNoReasonAgainstALogin(): void
    {
        $this->passes(self::USERS . <<<'PHP'
            final class Unstorable
            {
                public function __serialize(): array
                {
                    throw new RuntimeException('not now');
                }
            }
            $session = new Session();
            $session->setUserProvider(new ListedUsers());
            $session->cart = 3;
            $session->x = new Unstorable();
            assert($session->login('alice', 'ecila')->getName() === 'alice');
            assert($session->isLoggedin() && $session->x instanceof Unstorable);
            $session->remove('x');
            PHP);
    }

    public function testExceptionsOfAProviderReachTheCallerAndLeaveAGuest(): void
    {
        $this->passes(self::USERS . <<<'PHP'
            $session = new Session();
            $session->setUserProvider(new class implements Holdfast\UserProvider {
                public function findByName(string $name): ?Holdfast\User { throw new RuntimeException('the database is down'); }
                public function findById(int|string $id): ?Holdfast\User { throw new RuntimeException('the database is down'); }
                public function verifyPassword(?Holdfast\User $user, string $password): bool { return true; }
            });
            foreach ([fn () => $session->login('alice', 'x'), fn () => $session->forceLogin('alice')] as $login) {
                try {
                    $login();
                    assert(false);
                } catch (RuntimeException $down) {
                    assert($down->getMessage() === 'the database is down');
                }
                assert(!$session->isLoggedin());
            }
            PHP);
    }

    public function testWithoutAProviderALoginSaysWhatIsMissing(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            try {
                $session->login('alice', 'x');
                assert(false);
            } catch (Holdfast\Exception\InvalidState $missing) {
                assert(str_contains($missing->getMessage(), 'setUserProvider()'));
            }
            try {
                $session->setUserProvider(new stdClass());
                assert(false);
            } catch (Holdfast\Exception\InvalidArgument) {
            }
            PHP);
    }
}
