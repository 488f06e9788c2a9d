<?php

declare(strict_types=1);

namespace Holdfast\Tests\Users;

/**
 * Issue 4, 4: the table of the users.
 */
final class SchemaTest extends DatabaseTestCase
{
    /** @dataProvider databases */
    public function testItMayBeInstalledAgain(string $kind): void
    {
        $this->passesWith($this->installed($kind), <<<'PHP'
            $anna = $users->create('anna', 'correct horse');
            Holdfast\Users\Schema::install($pdo);
            assert($users->findByName('anna') == $anna);
            PHP);
    }

    /** @dataProvider databases */
    public function testSeveralProcessesMayInstallItAtOnce(string $kind): void
    {
        for ($round = 0; $round < 3; ++$round) {
            $connection = $this->fresh($kind);
            $together = $this->directory() . "/together-$round";
            $code = self::prelude($connection) . 'require ' . var_export(__DIR__ . '/scripts/together.php', true) . ';'
                . "startTogether('$together', 6); Holdfast\\Users\\Schema::install(\$pdo); echo 'reached the end';";
            foreach ($this->cliFor($connection)->runTogether(6, $code) as $result) {
                $this->assertPasses($result, $code);
            }
            $this->passesWith($connection, '$users->create("anna", "correct horse");');
        }
    }

    /** @dataProvider databases */
    public function testATableOfTheSiteThatHasTheNameIsLeftAlone(string $kind): void
    {
        $this->passesWith($this->fresh($kind), <<<'PHP'
            $pdo->exec("CREATE TABLE users (id INTEGER, email VARCHAR(100))");
            $pdo->exec("INSERT INTO users VALUES (1, 'anna@example.org')");
            $failed = thrown(fn () => Holdfast\Users\Schema::install($pdo));
            assert($failed instanceof Holdfast\Users\Exception\DatabaseFailed);
            assert(preg_match('/column/i', $failed->getMessage()) === 1, $failed->getMessage());
            assert($pdo->query('SELECT email FROM users')->fetchAll(PDO::FETCH_COLUMN) === ['anna@example.org']);
            PHP);
    }

    /** @dataProvider databases */
    public function testTheFilesAreSqlThatTheDatabaseTakesAsItIs(string $kind): void
    {
        $connection = $this->fresh($kind);
        $this->passesWith($connection, '$pdo->exec(file_get_contents(' . var_export(realpath(self::LIBRARY . '/schema'), true)
            . " . '/' . \$pdo->getAttribute(PDO::ATTR_DRIVER_NAME) . '.sql'));" . <<<'PHP'
            assert($users->findByName($users->create('anna', 'correct horse')->name)->name === 'anna');
            PHP);
    }

    /** @dataProvider databases */
    public function testTheDatabaseItselfKeepsNamesUnique(string $kind): void
    {
        $this->passesWith($this->installed($kind), <<<'PHP'
            $insert = "INSERT INTO users (name, name_key, password_hash, created_at, updated_at) VALUES ('anna', 'anna', '!', 0, 0)";
            $pdo->exec($insert);
            assert(thrown(fn () => $pdo->exec($insert)) instanceof PDOException);
            PHP);
    }
}
