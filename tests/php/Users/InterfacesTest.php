<?php

declare(strict_types=1);

namespace Holdfast\Tests\Users;

use Holdfast\Tests\HoldfastTestCase;

/**
 * Issue 4, 4: the interfaces Holdfast\User and Holdfast\UserProvider, which the extension has without the PHP library.
 */
final class InterfacesTest extends HoldfastTestCase
{
    public function testASiteImplementsThem(): void
    {
        $this->passes(<<<'PHP'
            final class Member implements Holdfast\User {
                public function __construct(private string $id) {}
                public function getId(): string { return $this->id; }
                public function getName(): string { return "member $this->id"; }
            }
            class Members implements Holdfast\UserProvider {
                public function findByName(string $name): ?Member { return $name === 'anna' ? new Member('a1') : null; }
                public function findById(mixed $id): ?Holdfast\User { return $id === 'a1' ? new Member('a1') : null; }
                public function verifyPassword(?Holdfast\User $user, string $password, bool $more = false): bool { return $user !== null; }
            }
            $members = new Members();
            assert($members instanceof Holdfast\UserProvider);
            assert($members->findByName('anna') instanceof Holdfast\User);
            assert($members->findById('a1')->getName() === 'member a1');
            assert($members->verifyPassword(null, 'x') === false);
            PHP);
    }

    /** @dataProvider others */
    public function testOtherTypesAreRefused(string $declaration, string $method): void
    {
        $result = $this->cli()->run($declaration);
        self::assertSame(255, $result->exitCode);
        self::assertMatchesRegularExpression("/must be compatible with Holdfast\\\\User(Provider)?::$method\(/", $result->errors);
    }

    /** @return array<string, array{string, string}> */
    public static function others(): array
    {
        $rest = 'public function findById(int|string $id): ?Holdfast\User { return null; }';
        return [
            'an id that may be null' => ['abstract class A implements Holdfast\User { public function getId(): int|null { return 1; } }', 'getId'],
            'a name that is no string' => ['abstract class A implements Holdfast\User { public function getName(): int { return 1; } }', 'getName'],
            'only whole numbers for ids' => ['abstract class A implements Holdfast\UserProvider { public function findById(int $id): ?Holdfast\User { return null; } }', 'findById'],
            'any object for a user' => ["abstract class A implements Holdfast\\UserProvider { $rest public function findByName(string \$name): ?object { return null; } }", 'findByName'],
            'no null for nobody' => ['abstract class A implements Holdfast\UserProvider { public function verifyPassword(Holdfast\User $user, string $password): bool { return true; } }', 'verifyPassword'],
        ];
    }

    public function testTheyMakeNoObjects(): void
    {
        $this->passes(<<<'PHP'
            foreach (['Holdfast\User', 'Holdfast\UserProvider'] as $name) {
                assert(interface_exists($name, false));
                try {
                    new $name();
                    assert(false);
                } catch (Error $error) {
                    assert(str_contains($error->getMessage(), 'Cannot instantiate interface'));
                }
            }
            assert((string) (new ReflectionMethod('Holdfast\User', 'getId'))->getReturnType() === 'string|int');
            assert((string) (new ReflectionParameter(['Holdfast\UserProvider', 'findById'], 'id'))->getType() === 'string|int');
            PHP);
    }
}
