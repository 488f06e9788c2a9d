<?php

declare(strict_types=1);

namespace Holdfast\Tests\Users;

use Holdfast\Tests\Cli\Result;
use Holdfast\Tests\Extension;
use Holdfast\Tests\Users\Databases\Connection;
use Holdfast\Tests\Users\Databases\Sqlite;

/**
 * Issue 4, 4: the command holdfast-user, as an administrator uses it.
 */
final class CommandTest extends DatabaseTestCase
{
    private const COMMAND = self::LIBRARY . '/bin/holdfast-user';

    /** @dataProvider databases */
    public function testTheLifeOfAUser(string $kind): void
    {
        $connection = $this->fresh($kind);
        foreach (['first', 'again'] as $time) {
            self::assertResult(0, "The table users is there.\n", '', $this->command($connection, ['install']), $time);
        }
        self::assertResult(0, '', '', $this->command($connection, ['list']));

        $created = $this->command($connection, ['create', '--password-stdin', 'Anna'], "correct horse\n");
        self::assertSame('', $created->errors);
        self::assertMatchesRegularExpression("/^User Anna is there, with id \d+\.\n$/D", $created->output);
        self::assertSame(0, $created->exitCode);
        $this->command($connection, ['create', '--password-stdin', '--', '-berta'], 'battery staple');
        $this->passesWith($connection, <<<'PHP'
            $users = new Holdfast\Users\PdoUserProvider($pdo);
            assert($users->verifyPassword($users->findByName('anna'), 'correct horse'));
            assert($users->verifyPassword($users->findByName('-berta'), 'battery staple'));
            PHP);
        $this->assertList(['Anna', '-berta'], $connection);

        self::assertResult(0, "User Anna has another password.\n", '', $this->command($connection, ['password', 'ANNA', '--password-stdin'], "other horse\r\n"));
        $this->passesWith($connection, <<<'PHP'
            $users = new Holdfast\Users\PdoUserProvider($pdo);
            assert($users->verifyPassword($users->findByName('anna'), 'other horse'));
            assert(!$users->verifyPassword($users->findByName('anna'), 'correct horse'));
            PHP);

        $deleted = $this->command($connection, ['delete', 'anna']);
        self::assertMatchesRegularExpression("/^User Anna, id \d+, is deleted\.\n$/D", $deleted->output);
        self::assertSame(0, $deleted->exitCode);
        $this->assertList(['-berta'], $connection);
    }

    /** @dataProvider databases */
    public function testEachFailureHasItsExitCodeAndItsReason(string $kind): void
    {
        $connection = $this->installed($kind);
        $stdin = '--password-stdin';
        $this->command($connection, ['create', $stdin, 'anna'], 'correct horse');
        self::assertResult(3, '', "There is a user named anna already: choose another name.", $this->command($connection, ['create', $stdin, 'ANNA'], 'correct horse'));
        self::assertResult(4, '', 'There is no user named berta.', $this->command($connection, ['password', $stdin, 'berta'], 'correct horse'));
        self::assertResult(4, '', 'There is no user named berta.', $this->command($connection, ['delete', 'berta']));
        self::assertResult(5, '', 'A password needs at least 8 characters.', $this->command($connection, ['create', $stdin, 'berta'], "1234567\n"));
        self::assertResult(5, '', 'A password needs at least 8 characters.', $this->command($connection, ['password', $stdin, 'anna'], ''));
        self::assertResult(5, '', 'A password has at most 4096 bytes.', $this->command($connection, ['create', $stdin, 'berta'], str_repeat('x', 1_000_000)));
        self::assertResult(5, '', 'A user name has', $this->command($connection, ['create', $stdin, "ber\e[2Jta"], 'correct horse'));
        self::assertResult(1, '', 'holdfast-user install', $this->command($connection, ['list', '--table=others']));
        self::assertResult(2, '', "The name of the users' table", $this->command($connection, ['list', '--table=a b']));
        $this->assertList(['anna'], $connection);

        // 4096 bytes with the end of the line are not too long.
        $longest = str_repeat('x', 4096);
        self::assertSame(0, $this->command($connection, ['create', $stdin, 'longest'], "$longest\r\n")->exitCode);
        $this->passesWith($connection, "\$users = new Holdfast\\Users\\PdoUserProvider(\$pdo);
            assert(\$users->verifyPassword(\$users->findByName('longest'), str_repeat('x', 4096)));");
    }

    /**
     * @dataProvider wrongCalls
     * @param list<string> $arguments
     */
    public function testAWrongCallIsExplainedWithoutShowingWhatMayBeAPassword(array $arguments, string $reason): void
    {
        $result = $this->command($this->installed(Sqlite::class), $arguments);
        self::assertResult(2, '', $reason, $result);
        self::assertStringNotContainsString('secret', $result->errors);
    }

    /** @return array<string, array{list<string>, string}> */
    public static function wrongCalls(): array
    {
        return [
            'nothing' => [[], 'password, delete, list, roles or role'],
            'no command' => [['secret'], 'password, delete, list, roles and role'],
            'no name' => [['create'], 'create takes one name'],
            'a password behind the name' => [['create', 'anna', 'secret'], 'create takes one name and nothing else'],
            'a password as an option' => [['create', 'anna', '--password=secret'], 'A password is never an argument'],
            'an option in short' => [['create', 'anna', '-psecret'], 'There is no option -p'],
            'an unknown option' => [['list', '--colour=secret'], 'There is no option --colour'],
            'an option without its value' => [['list', '--dsn'], '--dsn=...'],
            'a flag with a value' => [['create', 'anna', '--password-stdin=secret'], '--password-stdin takes no value'],
            'too much for list' => [['list', 'secret'], 'list takes nothing else'],
            'no terminal' => [['create', 'anna'], '--password-stdin'],
            'a password in the DSN' => [['list', '--dsn=pgsql:host=/nowhere;password=secret'], 'HOLDFAST_USERS_PASSWORD'],
            'and in its other form' => [['list', '--dsn=pgsql:host=/nowhere PassWord = secret word'], 'HOLDFAST_USERS_PASSWORD'],
            'another kind of database' => [['list', '--dsn=odbc:secret'], '--dsn=sqlite:'],
            'no DSN at all' => [['list', '--dsn='], 'HOLDFAST_USERS_DSN'],
            'a file that is not there' => [['list', '--dsn=sqlite:/nowhere/users'], '/nowhere/users'],
        ];
    }

    public function testHelpIsNoError(): void
    {
        $connection = $this->fresh(Sqlite::class);
        foreach ([['--help'], ['-h'], ['create', '--help']] as $arguments) {
            $result = $this->command($connection, $arguments);
            self::assertSame(0, $result->exitCode);
            self::assertSame('', $result->errors);
            foreach (['install', 'create NAME', 'password NAME', 'delete NAME', 'list', '--dsn=', '--table=', '--password-stdin',
                'HOLDFAST_USERS_DSN', 'HOLDFAST_USERS_USER', 'HOLDFAST_USERS_PASSWORD', 'Exit codes'] as $what) {
                self::assertStringContainsString($what, $result->output);
            }
        }
    }

    /** Whatever other software has put into the table. */
    public function testAListLeavesTheTerminalAsItIs(): void
    {
        $connection = $this->installed(Sqlite::class);
        $this->passesWith($connection, '$pdo->exec("INSERT INTO users (name, name_key, password_hash, created_at, updated_at)
            VALUES (\'a\' || char(27) || \'[2Jb\' || char(10, 155) || \'c\', \'x\', \'!\', 0, 0)");');
        $result = $this->command($connection, ['list']);
        self::assertSame("1\ta?[2Jb???c\t1970-01-01T00:00:00Z\n", $result->output);
    }

    public function testTheDsnOnTheCommandLineWins(): void
    {
        $one = $this->installed(Sqlite::class);
        $other = $this->installed(Sqlite::class);
        $this->command($one, ['create', '--password-stdin', "--dsn={$other->dsn}", 'anna'], 'correct horse');
        $this->assertList([], $one);
        $this->assertList(['anna'], $other);
    }

    /** A mistyped path makes no empty database. */
    public function testOnlyInstallMakesAFile(): void
    {
        $connection = $this->fresh(Sqlite::class);
        $file = substr($connection->dsn, strlen('sqlite:'));
        $this->command($connection, ['create', '--password-stdin', 'anna'], 'correct horse');
        self::assertFileDoesNotExist($file);
        $this->command($connection, ['install']);
        self::assertFileExists($file);
    }

    /**
     * @dataProvider servers
     * @param class-string<Databases\Database> $kind
     */
    public function testTheDatabasesPasswordIsNeverShown(string $kind): void
    {
        $connection = $this->fresh($kind);
        $wrong = new Connection($connection->dsn, $connection->user, "open 'sesame\\", []);
        $result = $this->command($connection, ['list'], '', $wrong);
        self::assertSame(1, $result->exitCode);
        self::assertStringContainsString("The database can't be reached: SQLSTATE[", $result->errors);
        self::assertStringNotContainsString('sesame', $result->errors . $result->output);

        $nowhere = new Connection((string) preg_replace('#/holdfast-test-\w+#', '/nowhere', $connection->dsn), $connection->user, $connection->password, []);
        $result = $this->command($connection, ['list'], '', $nowhere);
        self::assertSame(1, $result->exitCode);
        self::assertStringNotContainsString((string) $connection->password, $result->errors);
    }

    /** @return array<string, array{class-string<Databases\Database>}> */
    public static function servers(): array
    {
        return array_diff_key(self::databases(), ['SQLite' => 0]);
    }

    public function testWithoutTheExtensionItSaysWhereToLoadIt(): void
    {
        exec(PHP_BINARY . ' -n ' . escapeshellarg(self::COMMAND) . ' list 2>&1', $lines, $status);
        self::assertSame(1, $status);
        self::assertStringContainsString('extension=holdfast', implode("\n", $lines));
    }

    public function testItIsAProgram(): void
    {
        self::assertTrue(is_executable(self::COMMAND));
        self::assertStringStartsWith("#!/usr/bin/env php\n", (string) file_get_contents(self::COMMAND));
    }

    public function testAtATerminalThePasswordIsAskedForTwiceAndNotShown(): void
    {
        $connection = $this->installed(Sqlite::class);
        $terminal = $this->terminal($connection, ['create', 'anna']);
        $terminal->type('Password: ', "correct horse\n");
        $terminal->type('Once more: ', "correct horse\n");
        $shown = $terminal->untilItEnds();
        self::assertStringContainsString('User anna is there', $shown);
        self::assertStringContainsString('exit code 0', $shown);
        self::assertStringNotContainsString('horse', $shown);
        self::assertSame(['echo', 'echo'], $terminal->echoBeforeAndAfter());
        $this->passesWith($connection, <<<'PHP'
            $users = new Holdfast\Users\PdoUserProvider($pdo);
            assert($users->verifyPassword($users->findByName('anna'), 'correct horse'));
            PHP);
    }

    public function testAtATerminalTwoPasswordsThatDifferChangeNothing(): void
    {
        $connection = $this->installed(Sqlite::class);
        $this->command($connection, ['create', '--password-stdin', 'anna'], 'correct horse');
        $terminal = $this->terminal($connection, ['password', 'anna']);
        $terminal->type('Password: ', "battery staple\n");
        $terminal->type('Once more: ', "battery stable\n");
        $shown = $terminal->untilItEnds();
        self::assertStringContainsString('The two passwords differ.', $shown);
        self::assertStringContainsString('exit code 5', $shown);
        self::assertStringNotContainsString('battery', $shown);
        self::assertSame(['echo', 'echo'], $terminal->echoBeforeAndAfter());
        $this->passesWith($connection, 'assert($users->findByName("anna")->version === 1);');
    }

    /** Nobody who typed a name in vain has to type a password first. */
    public function testAtATerminalABadNameIsRefusedBeforeThePasswordIsAskedFor(): void
    {
        $connection = $this->installed(Sqlite::class);
        $this->command($connection, ['create', '--password-stdin', 'anna'], 'correct horse');
        foreach ([['create', 'a b', '5'], ['create', 'anna', '3'], ['password', 'berta', '4']] as [$verb, $name, $code]) {
            $shown = $this->terminal($connection, [$verb, $name])->untilItEnds();
            self::assertStringContainsString("exit code $code", $shown);
            self::assertStringNotContainsString('Password:', $shown);
        }
    }

    public function testAnInterruptGivesTheTerminalItsEchoBack(): void
    {
        $connection = $this->installed(Sqlite::class);
        $terminal = $this->terminal($connection, ['create', 'anna']);
        $terminal->type('Password: ', "corr\x03");
        $shown = $terminal->untilItEnds();
        self::assertStringContainsString('exit code 130', $shown);
        self::assertSame(['echo', 'echo'], $terminal->echoBeforeAndAfter());
        $this->assertList([], $connection);
    }

    /** @param list<string> $names */
    private function assertList(array $names, Connection $connection): void
    {
        $result = $this->command($connection, ['list']);
        self::assertSame('', $result->errors);
        $lines = $result->output === '' ? [] : explode("\n", rtrim($result->output, "\n"));
        self::assertSame($names, array_map(static fn (string $line): string => explode("\t", $line)[1], $lines));
        foreach ($lines as $line) {
            self::assertMatchesRegularExpression('/^\d+\t\S+\t\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/D', $line);
        }
    }

    private static function assertResult(int $code, string $output, string $reason, Result $result, string $what = ''): void
    {
        self::assertSame($output, $result->output, "$what\n$result");
        if ($reason === '') {
            self::assertSame('', $result->errors, $what);
        } else {
            self::assertStringStartsWith('holdfast-user: ', $result->errors, $what);
            self::assertStringContainsString($reason, $result->errors, $what);
            self::assertMatchesRegularExpression('/^[\x20-\x7E]+\n$/D', $result->errors, 'one line that leaves the terminal as it is');
        }
        self::assertSame($code, $result->exitCode, "$what\n$result");
    }

    /**
     * Runs the command to its end.
     *
     * @param list<string> $arguments
     * @param Connection|null $told what the environment says instead
     */
    private function command(Connection $connection, array $arguments, string $input = '', ?Connection $told = null): Result
    {
        $file = $this->directory() . '/in';
        file_put_contents($file, $input);
        $process = proc_open(
            ['timeout', '60', ...self::line($connection, $arguments)],
            [['file', $file, 'r'], ['file', "$file.out", 'w'], ['file', "$file.err", 'w']],
            $pipes,
            null,
            self::environment($told ?? $connection)
        );
        self::assertNotFalse($process);
        $code = proc_close($process);
        return new Result((string) file_get_contents("$file.out"), (string) file_get_contents("$file.err"), $code);
    }

    /** @param list<string> $arguments */
    private function terminal(Connection $connection, array $arguments): Typist
    {
        if (!file_exists('/dev/ptmx') || !is_dir('/dev/pts') || !file_exists('/dev/pts/ptmx')) {
            self::markTestSkipped('There are no pseudoterminals here: /dev/pts is not mounted.');
        }
        return new Typist(self::line($connection, $arguments), self::environment($connection));
    }

    /**
     * @param list<string> $arguments
     * @return list<string>
     */
    private static function line(Connection $connection, array $arguments): array
    {
        return [PHP_BINARY, ...Extension::arguments(self::extensions($connection)), self::COMMAND, ...$arguments];
    }

    /** @return array<string, string> */
    private static function environment(Connection $connection): array
    {
        return array_filter([
            'PATH' => (string) getenv('PATH'),
            'HOLDFAST_USERS_DSN' => $connection->dsn,
            'HOLDFAST_USERS_USER' => $connection->user,
            'HOLDFAST_USERS_PASSWORD' => $connection->password,
        ], 'is_string');
    }
}
