<?php

declare(strict_types=1);

namespace Holdfast\Tests\Userdata;

use Holdfast\Tests\HoldfastTestCase;

/**
 * Issue 5, 1: what goes wrong between the provider and the store.
 */
final class ScriptTest extends HoldfastTestCase
{
    private const MEMBERS = "require '" . __DIR__ . "/../site/users/ListedUsers.php';" . <<<'PHP'

        /** Gives what $data makes, and counts. */
        final class Members implements Holdfast\MemberProvider
        {
            public int $asked = 0;
            public function __construct(public Closure $data) {}
            public function findByName(string $name): ?Holdfast\User { return (new ListedUsers())->findByName($name); }
            public function findById(int|string $id): ?Holdfast\User { return (new ListedUsers())->findById($id); }
            public function verifyPassword(?Holdfast\User $user, string $password): bool { return $user !== null; }
            public function getMemberData(Holdfast\User $user): array { ++$this->asked; return ($this->data)(); }
            public function getMemberVersion(Holdfast\User $user): int|string { return 'v1'; }
        }
        $session = new Session();

        PHP;

    public function testAVariableThatCanNotBeStoredIsNoReasonAgainstUserdata(): void
    {
        $this->passes(self::MEMBERS . <<<'PHP'
            final class Unstorable
            {
                public function __serialize(): array { throw new RuntimeException('not now'); }
            }
            $session->setUserProvider(new Members(fn () => ['group_id' => 5]));
            $session->x = new Unstorable();
            assert($session->login('alice', 'ecila')->getName() === 'alice');
            assert($session->isLoggedin() && $session->x instanceof Unstorable);
            assert($session->userdata('group_id') === 5);
            $session->invalidateUserdata($session->getUser());
            assert($session->userdata('group_id') === 5);
            $session->remove('x');
            PHP);
    }

    public function testDataThatCanNotBeStoredAreRefusedAndNobodyIsLoggedIn(): void
    {
        $this->passes(self::MEMBERS . <<<'PHP'
            $session->setUserProvider(new Members(fn () => ['deep' => [fn () => 1]]));
            foreach ([fn () => $session->login('alice', 'ecila'), fn () => $session->forceLogin('alice')] as $login) {
                try {
                    $login();
                    assert(false);
                } catch (Holdfast\Exception\UnstorableValue $refused) {
                    assert(str_contains($refused->getMessage(), "'_userdata'"));
                }
                assert(!$session->isLoggedin());
            }
            PHP);
    }

    public function testExceptionsOfTheProviderReachTheCallerAndLeaveAGuest(): void
    {
        $this->passes(self::MEMBERS . <<<'PHP'
            $members = new Members(fn () => throw new RuntimeException('the database is down'));
            $session->setUserProvider($members);
            $down = static function (Closure $call): void {
                try {
                    $call();
                    assert(false);
                } catch (RuntimeException $down) {
                    assert($down->getMessage() === 'the database is down');
                }
            };
            $down(fn () => $session->login('alice', 'ecila'));
            assert(!$session->isLoggedin() && $session->userdata('group_id') === 3);
            $members->data = fn () => ['group_id' => 5];
            $session->login('alice', 'ecila');
            $session->invalidateUserdata(1);
            $members->data = fn () => throw new RuntimeException('the database is down');
            $down(fn () => $session->userdata('group_id'));
            $down(fn () => $session->userdata);
            $members->data = fn () => ['group_id' => 6];
            assert($session->userdata('group_id') === 6);
            PHP);
    }

    public function testOfAClosedSessionTheyAreAskedForAndNotKept(): void
    {
        $this->passes(self::MEMBERS . <<<'PHP'
            $session->setUserProvider($members = new Members(fn () => ['group_id' => 5]));
            $session->login('alice', 'ecila');
            $session->close();
            $session->invalidateUserdata('1');
            assert($members->asked === 1);
            $members->data = fn () => ['group_id' => 6];
            assert($session->userdata('group_id') === 6 && $session->userdata('group_id') === 6);
            assert($members->asked === 2);
            PHP);
    }

    public function testInvalidateUserdataWantsAUser(): void
    {
        $this->passes(self::MEMBERS . <<<'PHP'
            foreach ([null, [], 1.5, new stdClass()] as $nobody) {
                try {
                    $session->invalidateUserdata($nobody);
                    assert(false);
                } catch (Holdfast\Exception\InvalidArgument) {
                }
            }
            PHP);
    }
}
