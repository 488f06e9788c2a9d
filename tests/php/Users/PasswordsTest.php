<?php

declare(strict_types=1);

namespace Holdfast\Tests\Users;

use Holdfast\Tests\Users\Databases\Connection;

/**
 * Issue 4, 4, and S37: how PdoUserProvider keeps and checks passwords.
 */
final class PasswordsTest extends DatabaseTestCase
{
    /** @dataProvider databases */
    public function testOnlyThePasswordIsThePassword(string $kind): void
    {
        $this->passesWith($this->installed($kind), <<<'PHP'
            $anna = $users->create('anna', 'correct horse');
            $users->create('berta', 'battery staple');
            assert($users->verifyPassword($anna, 'correct horse') === true);
            foreach (['', 'correct hors', 'correct horse ', 'Correct horse', 'battery staple', "correct horse\0", "correct horse\0x", 'anna'] as $wrong) {
                assert($users->verifyPassword($anna, $wrong) === false, $wrong);
            }
            foreach (['', 'correct horse'] as $any) {
                assert($users->verifyPassword(null, $any) === false);
            }
            $hash = $pdo->query("SELECT password_hash FROM users WHERE name_key = 'anna'")->fetchColumn();
            assert(password_get_info($hash)['options'] === ['cost' => 4]);
            assert(!$users->verifyPassword($anna, $hash));
            PHP);
    }

    /** @dataProvider databases */
    public function testAPasswordIsChanged(string $kind): void
    {
        $this->passesWith($this->installed($kind), <<<'PHP'
            $anna = $users->create('anna', 'correct horse');
            $changed = $users->setPassword($anna, 'battery staple');
            assert($changed->id === $anna->id && $changed->name === 'anna' && $changed->version === 2);
            assert($users->findByName('anna') == $changed);
            foreach ([$anna, $changed] as $user) {
                assert($users->verifyPassword($user, 'battery staple') === true);
                assert($users->verifyPassword($user, 'correct horse') === false);
            }
            foreach (['', '1234567', str_repeat("\u{fc}", 7), str_repeat('x', 4097)] as $bad) {
                assert(thrown(fn () => $users->setPassword($anna, $bad)) instanceof Holdfast\Users\Exception\InvalidPassword);
            }
            assert($users->findByName('anna') == $changed);
            PHP);
    }

    /** @dataProvider databases */
    public function testEveryByteOfALongPasswordCounts(string $kind): void
    {
        $this->passesWith($this->installed($kind), <<<'PHP'
            $providers = [$users];
            if (defined('PASSWORD_ARGON2ID')) {
                $providers[] = new Holdfast\Users\PdoUserProvider($pdo, 'users', ['algorithm' => PASSWORD_ARGON2ID, 'memory_cost' => 64, 'time_cost' => 1]);
            }
            foreach ($providers as $which => $users) {
                foreach (['short and' => 8, 'all that bcrypt reads' => 72, 'one more' => 73, 'long' => 200, 'longest' => 4096] as $what => $bytes) {
                    $password = str_repeat('p', $bytes - 1) . '1';
                    $user = $users->create("user$bytes.$which", $password);
                    assert($users->verifyPassword($user, $password), $what);
                    assert(!$users->verifyPassword($user, str_repeat('p', $bytes - 1) . '2'), $what);
                    assert(!$users->verifyPassword($user, substr($password, 0, -1)), $what);
                    assert(!$users->verifyPassword($user, substr($password, 0, 72) . 'x'), $what);
                    assert(!$users->verifyPassword($user, $password . 'x'), $what);
                }
                // bcrypt takes a NUL for the end.
                $nul = $users->create("nul.$which", "\0\0\0\0\0\0\0\0");
                assert($users->verifyPassword($nul, "\0\0\0\0\0\0\0\0"));
                assert(!$users->verifyPassword($nul, "\0\0\0\0\0\0\0"));
                assert(!$users->verifyPassword($nul, ''));
                $inside = $users->create("inside.$which", "correct\0horse");
                assert($users->verifyPassword($inside, "correct\0horse"));
                assert(!$users->verifyPassword($inside, "correct\0house"));
                // Not valid UTF-8, and as long as it looks.
                $bytes = $users->create("bytes.$which", "\xff\xfe\xc3\xff\xff\xff\xff\xff");
                assert($users->verifyPassword($bytes, "\xff\xfe\xc3\xff\xff\xff\xff\xff"));
                $eight = $users->create("eight.$which", str_repeat("\u{fc}", 8));
                assert($users->verifyPassword($eight, str_repeat("\u{fc}", 8)));
            }
            PHP);
    }

    /** @dataProvider databases */
    public function testTooShortAndTooLongPasswordsAreRefusedBeforeAnythingIsStored(string $kind): void
    {
        $this->passesWith($this->installed($kind), <<<'PHP'
            foreach (['', '1234567', str_repeat("\u{1f40e}", 7), str_repeat('x', 4097)] as $bad) {
                $refused = thrown(fn () => $users->create('anna', $bad));
                assert($refused instanceof Holdfast\Users\Exception\InvalidPassword);
                assert($bad === '' || !str_contains($refused->getMessage(), $bad));
            }
            assert($users->findByName('anna') === null);
            PHP);
    }

    /** @dataProvider databases */
    public function testS37NobodyAndTheWrongPasswordTakeTheSameWork(string $kind): void
    {
        $this->passesCounting($this->installed($kind), <<<'PHP'
            $users = new Holdfast\Users\PdoUserProvider($pdo, 'users', ['cost' => 7]);
            $old = new Holdfast\Users\PdoUserProvider($pdo, 'users', ['cost' => 4]);
            $anna = $users->create('anna', 'correct horse');
            $berta = $old->create('berta', 'correct horse');
            $carla = $users->create('carla', 'correct horse');
            $pdo->exec("UPDATE users SET password_hash = '!' WHERE name_key = 'carla'");
            $gone = $users->create('gone', 'correct horse');
            $users->delete($gone);

            $work = [];
            $cases = ['nobody' => null, 'somebody' => $anna, 'a hash of lower cost' => $berta, 'a locked account' => $carla, 'deleted meanwhile' => $gone];
            foreach ($cases as $what => $user) {
                foreach (['wrong' => 'wrong horse', 'empty' => '', 'long' => str_repeat('x', 4096)] as $how => $password) {
                    verified();
                    $pdo->queries = [];
                    assert($users->verifyPassword($user, $password) === false);
                    $work["$what, $how"] = [bcryptWork(), $pdo->queries];
                }
            }
            foreach ($work as $what => [$bcrypt, $queries]) {
                assert($bcrypt === 2 ** 7, "$what: $bcrypt");
                assert(count($queries) === 1 && $queries === $work['nobody, wrong'][1], $what);
            }
            // The right one is no secret to who knows it; it takes one more only to renew the hash.
            verified();
            assert($users->verifyPassword($anna, 'correct horse'));
            assert(bcryptWork() === 2 ** 7);
            PHP);
    }

    /** @dataProvider databases */
    public function testS37TheSameWorkWithArgon2(string $kind): void
    {
        if (!defined('PASSWORD_ARGON2ID')) {
            self::markTestSkipped('This PHP was built without Argon2.');
        }
        $this->passesCounting($this->installed($kind), <<<'PHP'
            $users = new Holdfast\Users\PdoUserProvider($pdo, 'users', ['algorithm' => PASSWORD_ARGON2ID, 'memory_cost' => 256, 'time_cost' => 3, 'threads' => 1]);
            $anna = $users->create('anna', 'correct horse');
            $expected = [['argon2id', ['memory_cost' => 256, 'time_cost' => 3, 'threads' => 1]]];
            foreach (['nobody' => null, 'somebody' => $anna] as $what => $user) {
                verified();
                $pdo->queries = [];
                assert($users->verifyPassword($user, 'wrong horse') === false);
                assert(verified() === $expected, $what);
                assert(count($pdo->queries) === 1, $what);
            }
            assert($users->verifyPassword($anna, 'correct horse') === true);
            PHP);
    }

    /** The hashes of nobody are whole: password_verify() refuses a malformed one at once. No timing, but a factor of thousands. */
    public function testS37TheHashesOfNobodyAreWorkedOn(): void
    {
        $this->passesCounting($this->installed(Databases\Sqlite::class), <<<'PHP'
            $options = [['cost' => 10]];
            if (defined('PASSWORD_ARGON2ID')) {
                $options[] = ['algorithm' => PASSWORD_ARGON2ID, 'memory_cost' => 32768, 'time_cost' => 2];
            }
            foreach ($options as $option) {
                $users = new Holdfast\Users\PdoUserProvider($pdo, 'users', $option);
                $users->verifyPassword(null, 'wrong horse');
                $nobody = array_pop($GLOBALS['verified']);
                $real = password_hash('x', $option['algorithm'] ?? PASSWORD_BCRYPT, array_diff_key($option, ['algorithm' => 0]));
                assert(strlen($nobody) === strlen($real), $nobody);
                $used = static function () use ($nobody): int {
                    $before = getrusage();
                    password_verify('wrong horse', $nobody);
                    $after = getrusage();
                    return ($after['ru_utime.tv_sec'] - $before['ru_utime.tv_sec']) * 1_000_000 + $after['ru_utime.tv_usec'] - $before['ru_utime.tv_usec']
                        + ($after['ru_stime.tv_sec'] - $before['ru_stime.tv_sec']) * 1_000_000 + $after['ru_stime.tv_usec'] - $before['ru_stime.tv_usec'];
                };
                assert($used() > 1000, 'microseconds of the processor');
            }
            PHP);
    }

    /** @dataProvider databases */
    public function testAHashIsRenewedWhenTheCostChanged(string $kind): void
    {
        $this->passesWith($this->installed($kind), <<<'PHP'
            $cost = fn (): array => password_get_info($pdo->query("SELECT password_hash FROM users")->fetchColumn());
            $anna = $users->create('anna', str_repeat('long ', 30));
            $settings = [['cost' => 5], ['cost' => 4]];
            if (defined('PASSWORD_ARGON2ID')) {
                $settings[] = ['algorithm' => PASSWORD_ARGON2ID, 'memory_cost' => 64, 'time_cost' => 1, 'threads' => 1];
                $settings[] = ['algorithm' => PASSWORD_BCRYPT, 'cost' => 4];
            }
            foreach ($settings as $setting) {
                $before = $cost();
                $users = new Holdfast\Users\PdoUserProvider($pdo, 'users', $setting);
                assert(!$users->verifyPassword($anna, 'wrong'));
                assert($cost() === $before, 'a wrong password changes nothing');
                assert($users->verifyPassword($anna, str_repeat('long ', 30)));
                assert($cost()['algo'] === ($setting['algorithm'] ?? PASSWORD_BCRYPT));
                assert($cost()['options'] == array_diff_key($setting, ['algorithm' => 0]), json_encode($cost()));
                // The password is the same, so is the user.
                assert($users->findByName('anna') == $anna);
                $hash = $pdo->query("SELECT password_hash FROM users")->fetchColumn();
                assert($users->verifyPassword($anna, str_repeat('long ', 30)));
                assert($pdo->query("SELECT password_hash FROM users")->fetchColumn() === $hash, 'not renewed again');
            }
            PHP);
    }

    /** Renewing writes back only what it has read: a password that was changed meanwhile stays changed. */
    public function testARenewedHashDoesNotUndoAChangeOfThePassword(): void
    {
        foreach (self::databases() as [$kind]) {
            $connection = $this->installed($kind);
            $this->passesCounting($connection, '$other = ' . $connection->code() . ';' . <<<'PHP'
                $users = new Holdfast\Users\PdoUserProvider($other, 'users', ['cost' => 4]);
                $anna = $users->create('anna', 'correct horse');
                $pdo->text = 'UPDATE';
                $pdo->before = fn () => $users->setPassword($anna, 'battery staple');
                $renewing = new Holdfast\Users\PdoUserProvider($pdo, 'users', ['cost' => 5]);
                assert($renewing->verifyPassword($anna, 'correct horse'), 'it was the password when it was read');
                assert($pdo->before === null, 'the change came in between');
                assert($users->verifyPassword($anna, 'battery staple'));
                assert(!$users->verifyPassword($anna, 'correct horse'));
                assert($users->findByName('anna')->version === 2);
                PHP);
        }
    }

    /** @dataProvider databases */
    public function testALoginDoesNotFailWhereTheHashCanOnlyBeRead(string $kind): void
    {
        $this->passesWith($this->installed($kind), <<<'PHP'
            $anna = $users->create('anna', 'correct horse');
            $renewing = new Holdfast\Users\PdoUserProvider($pdo, 'users', ['cost' => 5]);
            match ($pdo->getAttribute(PDO::ATTR_DRIVER_NAME)) {
                'sqlite' => $pdo->exec('PRAGMA query_only = ON'),
                'mysql' => $pdo->exec('SET SESSION TRANSACTION READ ONLY'),
                'pgsql' => $pdo->exec('SET default_transaction_read_only = on'),
            };
            $warnings = [];
            set_error_handler(function (int $level, string $text) use (&$warnings): bool {
                $warnings[] = [$level, $text];
                return true;
            });
            assert($renewing->verifyPassword($anna, 'correct horse') === true);
            assert(count($warnings) === 1 && $warnings[0][0] === E_USER_WARNING);
            assert(str_starts_with($warnings[0][1], "The hash of a user's password can't be renewed. "));
            assert(preg_match('/horse|\$2y/', $warnings[0][1]) === 0, $warnings[0][1]);
            PHP);
    }

    /** Hashes that come from elsewhere work as they are; what is no hash locks the account. */
    public function testHashesFromElsewhere(): void
    {
        $this->passesWith($this->installed(Databases\Sqlite::class), <<<'PHP'
            $anna = $users->create('anna', 'correct horse');
            $store = fn (string $hash) => $pdo->prepare('UPDATE users SET password_hash = ?')->execute([$hash]);
            $bcrypt = password_hash('battery staple', PASSWORD_BCRYPT, ['cost' => 4]);
            $hashes = [$bcrypt, '$2a$' . substr($bcrypt, 4)];
            if (defined('PASSWORD_ARGON2I')) {
                $hashes[] = password_hash('battery staple', PASSWORD_ARGON2I, ['memory_cost' => 64, 'time_cost' => 1]);
            }
            foreach ($hashes as $hash) {
                $store($hash);
                assert(!$users->verifyPassword($anna, 'correct horse'));
                assert($users->verifyPassword($anna, 'battery staple'), $hash);
                assert(str_starts_with($pdo->query('SELECT password_hash FROM users')->fetchColumn(), '$2y$04$'), 'renewed');
            }
            // crypt() would take some of these.
            foreach (['', '!', '*', 'x', 'battery staple', md5('battery staple'), crypt('battery staple', 'ab'), crypt('battery staple', '$1$abcdefgh$'), "!$bcrypt"] as $none) {
                $store($none);
                assert(!$users->verifyPassword($anna, 'battery staple'), $none);
                assert(!$users->verifyPassword($anna, $none), $none);
            }
            PHP);
    }

    public function testABadOptionIsAnErrorThatNamesIt(): void
    {
        $this->passesWith($this->fresh(Databases\Sqlite::class), <<<'PHP'
            $bad = [
                'algorithm' => [['algorithm' => 'md5'], ['algorithm' => 1]],
                'cost' => [['cost' => 3], ['cost' => 32], ['cost' => '10'], ['cost' => 10.0]],
                'memory_cost' => [['memory_cost' => 64]],
                'salt' => [['salt' => 'x'], ['cost' => 4, 'salt' => 'x']],
            ];
            if (defined('PASSWORD_ARGON2ID')) {
                $argon = ['algorithm' => PASSWORD_ARGON2ID];
                $bad['time_cost'] = [$argon + ['time_cost' => 0]];
                $bad['memory_cost'][] = $argon + ['memory_cost' => 7];
                $bad['memory_cost'][] = $argon + ['memory_cost' => 8, 'threads' => 2];
                $bad['cost'][] = $argon + ['cost' => 10];
            }
            foreach ($bad as $named => $options) {
                foreach ($options as $option) {
                    $refused = thrown(fn () => new Holdfast\Users\PdoUserProvider($pdo, 'users', $option));
                    assert($refused instanceof Holdfast\Exception\InvalidArgument, json_encode($option));
                    assert(str_contains($refused->getMessage(), "'$named'"), $refused->getMessage());
                }
            }
            PHP);
    }

    /** Runs code whose $pdo counts its queries, and that can ask which hashes were verified. */
    private function passesCounting(Connection $connection, string $code): void
    {
        $scripts = __DIR__ . '/scripts';
        $this->passesWith(
            $connection,
            "require '$scripts/counted-verify.php'; require '$scripts/counting-pdo.php';"
            . 'use function Holdfast\Users\{verified, bcryptWork};'
            . '$pdo = ' . $connection->code('CountingPdo') . ';' . $code
        );
    }
}
