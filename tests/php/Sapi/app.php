<?php

/**
 * A worker's script that keeps its objects from request to request: it calls what the query says.
 */

declare(strict_types=1);

final class App
{
    public static ?Session $session = null;
    public static ?object $csrf = null;
    public static int $hooked = 0;
}

final class Unstorable
{
    public function __construct(public string $text)
    {
    }

    public function __serialize(): array
    {
        throw new LogicException('not this one');
    }
}

final class Somebody implements Holdfast\User
{
    public function __construct(private string $name)
    {
    }

    public function getId(): string
    {
        return $this->name;
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
        return new Somebody($name);
    }

    public function findById(int|string $id): ?Holdfast\User
    {
        return new Somebody((string) $id);
    }

    public function verifyPassword(?Holdfast\User $user, string $password): bool
    {
        return $password === 'right';
    }
}

App::$session = new Session();
App::$session->setUserProvider(new Everybody());
App::$session->addHookAfter('loginSuccess', static function (): void {
    ++App::$hooked;
});
App::$csrf = App::$session->CSRF;

$also = static function (string $call, array $with): mixed {
    $session = App::$session;
    return match ($call) {
        'user' => $session->getUser()?->getName(),
        'hooked' => App::$hooked,
        'token' => App::$csrf->getTokenName(),
        'keep' => $session->cache['kept'] = $with[0],
        'kept' => $session->cache['kept'] ?? null,
        'append' => $session['list'][] = $with[0],
        'new' => (new Session())->get($with[0]),
        'current' => Session::current()->get($with[0]),
        'auto' => $GLOBALS['session']->get($with[0]),
        'autoSet' => $GLOBALS['session']->set($with[0], $with[1]) === $GLOBALS['session'],
        'superglobal' => $_SESSION[$with[0]] ?? null,
        'start' => session_start() ? $_SESSION[$with[0]] ?? null : null,
        'superset' => [session_start(), $_SESSION[$with[0]] = $with[1]][1],
        'superclose' => [session_start(), $_SESSION[$with[0]] = $with[1], session_write_close()][1],
        'read' => session_start() ? $_SESSION : null,
        'object' => $session->set($with[0], new ArrayObject([$with[1]])) === $session,
        'throw' => $session->set($with[0], new Unstorable($with[1])) === $session,
        default => (static function () use ($session, $call, $with): mixed {
            $result = $session->$call(...$with);
            return $result === $session ? true : $result;
        })(),
    };
};

while (next_request(static function () use ($also): void {
    $result = $also($_GET['call'], json_decode($_GET['with'], true));
    echo json_encode(['result' => $result], JSON_THROW_ON_ERROR);
})) {
    if (getenv('BETWEEN')) {
        foreach (['start' => [], 'get' => ['name'], 'set' => ['name', 'between'], 'destroy' => []] as $method => $with) {
            try {
                $found = App::$session->$method(...$with);
                if ($found !== null && $method === 'get') {
                    file_put_contents('php://stderr', "$method() gave something\n");
                }
            } catch (Holdfast\Exception\InvalidState) {
            }
        }
        if (@session_start()) {
            file_put_contents('php://stderr', "session_start() found somebody\n");
        }
    }
}
