<?php

// Logins, hooks around them, a provider that throws, sessions of a user, and the end of a script in the middle of it.

final class Somebody implements Holdfast\User
{
    public function __construct(private readonly string $name)
    {
    }

    public function getId(): int|string
    {
        return $this->name === 'anna' ? 7 : "id of {$this->name}";
    }

    public function getName(): string
    {
        return $this->name;
    }
}

final class Everybody implements Holdfast\UserProvider
{
    public function findByName(string $name): ?Holdfast\User
    {
        return match ($name) {
            'nobody' => null,
            'broken' => throw new RuntimeException("the database of $name is down"),
            default => new Somebody($name),
        };
    }

    public function findById(int|string $id): ?Holdfast\User
    {
        return $id === 7 ? new Somebody('anna') : null;
    }

    public function verifyPassword(?Holdfast\User $user, string $password): bool
    {
        return $password === 'right';
    }
}

$session = new Session();
$session->setUserProvider(new Everybody());
$session->cart = ['tea' => [1, 2, 3]];
$session->addHook('loginFailure, loginSuccess, logoutSuccess', function (HookEvent $event): void {
    $event->object->set('last', $event->method . count($event->arguments()));
});
$session->addHookAfter('allowLogin', function (HookEvent $event): void {
    $event->return = $event->arguments(0) !== 'barred';
});
assert($session->login('anna', 'wrong') === null);
assert($session->login('nobody', 'right') === null);
assert($session->login('barred', 'right') === null);
try {
    $session->login('broken', 'right');
    assert(false);
} catch (RuntimeException $down) {
    assert($down->getMessage() === 'the database of broken is down');
}
foreach (['anna', new Somebody('berta')] as $who) {
    assert($session->login($who, 'right') instanceof Somebody);
    assert($session->cart === ['tea' => [1, 2, 3]]);
    assert($session->isLoggedin());
    $session->setSecondaryID('second')->setLifetime(60)->set('more', new ArrayObject([1]));
    assert(count($session->getSessions()) === 1 && $session->getSessions()[0]->isCurrent);
    assert($session->findBySecondaryID('second') instanceof Holdfast\SessionInfo);
    assert($session->getForUser($who === 'anna' ? 7 : $who, 'cart') === ['tea' => [1, 2, 3]]);
    assert($session->endOtherSessions() === 0);
    assert($session->regenerate(true));
    $session->getChanges(true);
}
assert($session->logout()->getUser() === null);
assert($session->login('anna', 'right') !== null && $session->endSessions() === 1 && !$session->isLoggedin());
assert($session->forceLogin('berta') !== null);
assert($session->getUser() instanceof Somebody);
$session->addHookBefore('authenticate', function (): void {
    exit(0);
});
$session->login('anna', 'right');
