<?php

declare(strict_types=1);

namespace Holdfast\Tests\Users;

/**
 * S29: no password and no hash is in a message, in a trace or in a user.
 */
final class SecretsTest extends DatabaseTestCase
{
    /** @dataProvider databases */
    public function testNothingThatIsThrownHoldsASecret(string $kind): void
    {
        if (PHP_VERSION_ID < 80200) {
            self::markTestSkipped('PHP 8.1 has no SensitiveParameter; docs/users.md says what to set.');
        }
        $this->passesWith($this->installed($kind), <<<'PHP'
            $anna = $users->create('anna', 'correct horse');
            $failures = [
                'taken' => thrown(fn () => $users->create('anna', 'correct horse')),
                'short' => thrown(fn () => $users->create('berta', 'stapler')),
                'long' => thrown(fn () => $users->setPassword($anna, str_repeat('x', 4097))),
                'name' => thrown(fn () => $users->create('a b', 'correct horse')),
            ];
            // The database refuses the row, and PostgreSQL shows the whole of it.
            $pdo->exec($pdo->getAttribute(PDO::ATTR_DRIVER_NAME) === 'sqlite'
                ? 'CREATE TRIGGER no BEFORE INSERT ON users BEGIN SELECT RAISE(ABORT, \'refused\'); END'
                : 'ALTER TABLE users ADD CONSTRAINT short CHECK (length(password_hash) < 9 OR version = 1 AND name_key = \'anna\')');
            $failures['refused'] = thrown(fn () => $users->create('carla', 'correct horse'));
            if ($pdo->getAttribute(PDO::ATTR_DRIVER_NAME) !== 'sqlite') {
                $failures['refused change'] = thrown(fn () => $users->setPassword($anna, 'correct horse'));
            }
            $pdo->exec('DROP TABLE users');
            $failures['no table to add to'] = thrown(fn () => $users->create('berta', 'correct horse'));
            $failures['no table to verify in'] = thrown(fn () => $users->verifyPassword($anna, 'correct horse'));
            $failures['no table to change'] = thrown(fn () => $users->setPassword($anna, 'correct horse'));
            foreach ($failures as $what => $failure) {
                assert($failure instanceof Holdfast\Users\Exception\UserException, $what . get_class($failure));
                $shown = $failure->getMessage() . "\n";
                for ($each = $failure; $each !== null; $each = $each->getPrevious()) {
                    $shown .= $each . print_r(array_map(fn ($frame) => ['args' => $frame['args'] ?? []], $each->getTrace()), true);
                }
                assert(preg_match('/horse|stapler|xxxx|\$2y|\$argon|\(hash\)/', $shown) === 0, "$what: $shown");
            }
            PHP, ['zend.exception_ignore_args' => 0]);
    }

    /** @dataProvider databases */
    public function testAUserHoldsNoHash(string $kind): void
    {
        $this->passesWith($this->installed($kind), <<<'PHP'
            $anna = $users->create('anna', 'correct horse');
            foreach ([$anna, $users->findById($anna->id), $users->setPassword($anna, 'battery staple')] as $user) {
                $shown = print_r($user, true) . serialize($user) . json_encode($user) . var_export((array) $user, true);
                assert(preg_match('/horse|staple|\$2y/', $shown) === 0, $shown);
                assert(unserialize(serialize($user)) == $user);
            }
            PHP);
    }

    /** MySQL quotes the piece of the query that it does not understand, and a value may be in it. */
    public function testAHashInAMessageOfTheDatabaseIsTakenOut(): void
    {
        $this->passesWith($this->fresh(Databases\Sqlite::class), <<<'PHP'
            foreach ([password_hash('correct horse', PASSWORD_BCRYPT, ['cost' => 4]), '$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$aGFzaA', '$2y$04$cut.sho'] as $hash) {
                $exception = new PDOException('Syntax error');
                $exception->errorInfo = ['42000', 1064, "You have an error near '$hash', 1, 2)' at line 1\nLINE 1: VALUES ('secret')"];
                $message = Holdfast\Users\Exception\DatabaseFailed::atTable('users', $exception)->getMessage();
                assert(!str_contains($message, substr($hash, 8)) && !str_contains($message, 'secret'), $message);
                assert(str_contains($message, 'You have an error near'), $message);
            }
            PHP);
    }
}
