<?php

declare(strict_types=1);

namespace Holdfast\Tests\Users;

/**
 * Issue 4, 4: PdoUserProvider on each of its databases.
 */
final class ProviderTest extends DatabaseTestCase
{
    /** @dataProvider databases */
    public function testAUserIsFoundByNameAndById(string $kind): void
    {
        $this->passesWith($this->installed($kind), <<<'PHP'
            assert($users instanceof Holdfast\UserProvider);
            $before = time();
            $created = $users->create('Anna', 'correct horse');
            assert($created instanceof Holdfast\User && $created instanceof Holdfast\Users\PdoUser);
            assert($created->getId() === $created->id && $created->id > 0);
            assert($created->getName() === 'Anna');
            assert($created->version === 1);
            assert($created->createdAt == $created->updatedAt);
            assert($created->createdAt->getTimestamp() >= $before && $created->createdAt->getTimestamp() <= time());
            assert($created->createdAt->getTimezone()->getName() === '+00:00');

            assert($users->findByName('Anna') == $created);
            assert($users->findById($created->id) == $created);
            assert($users->findById((string) $created->id) == $created);

            $other = $users->create('berta', 'battery staple');
            assert($other->id !== $created->id);
            assert($users->findByName('berta') == $other);
            PHP);
    }

    /** @dataProvider databases */
    public function testNamesAreEqualWhateverTheCaseAndTheSpacesAround(string $kind): void
    {
        $this->passesWith($this->installed($kind), <<<'PHP'
            $anna = $users->create("  Anna.Ruth@Example.ORG\n", 'correct horse');
            assert($anna->name === 'Anna.Ruth@Example.ORG');
            foreach (['anna.ruth@example.org', 'ANNA.RUTH@EXAMPLE.ORG', ' Anna.Ruth@Example.ORG '] as $same) {
                assert($users->findByName($same) == $anna, $same);
                $taken = thrown(fn () => $users->create($same, 'battery staple'));
                assert($taken instanceof Holdfast\Users\Exception\NameTaken, get_class($taken));
                assert($taken->getMessage() === 'There is a user named anna.ruth@example.org already: choose another name.');
            }
            assert($users->findByName('anna.ruth@example.or') === null);
            // What a pattern or a lax collation would find.
            assert($users->findByName('anna_ruth@example.org') === null);
            assert($users->findByName('anna%') === null);
            assert($users->findByName("\u{e4}nna.ruth@example.org") === null);
            assert(count(iterator_to_array($users->all())) === 1);
            PHP);
    }

    /** @dataProvider databases */
    public function testANameIsNeverSql(string $kind): void
    {
        $this->passesWith($this->installed($kind), <<<'PHP'
            $anna = $users->create('anna', 'correct horse');
            // Allowed in e-mail addresses, so they can be names.
            foreach (["o'brien", "'or'1'='1", "x'/*", "a'--", '`users`', "?", '%', '_', '-x', '$1', '{x}', '0', '1'] as $number => $name) {
                $user = $users->create($name, 'battery staple');
                assert($user->name === $name, $name);
                assert($users->findByName($name) == $user, $name);
                assert($users->rename($user, "$name-$number")->name === "$name-$number", $name);
                assert($users->delete($user), $name);
            }
            foreach (["'; DROP TABLE users; --", "x' OR 1=1", "\\' OR 1=1 -- ", "anna\0", "a\nb", '', ' ', "\xbf'", str_repeat('a', 255)] as $name) {
                assert($users->findByName($name) === null, $name);
                assert(thrown(fn () => $users->create($name, 'battery staple')) instanceof Holdfast\Users\Exception\InvalidName, $name);
                assert(thrown(fn () => $users->rename($anna, $name)) instanceof Holdfast\Users\Exception\InvalidName, $name);
                assert($users->findById($name) === null, $name);
            }
            assert(iterator_to_array($users->all()) == [$anna]);
            PHP);
    }

    /** @dataProvider databases */
    public function testTheLongestNameAndWhatIsAllowedInIt(string $kind): void
    {
        $this->passesWith($this->installed($kind), <<<'PHP'
            $longest = $users->create(str_repeat('A', 254), 'correct horse');
            assert($users->findByName(str_repeat('a', 254)) == $longest);
            $all = 'az09.@!#$%&\'*+-/=?^_`{|}~';
            assert($users->findByName($users->create($all, 'correct horse')->name)->name === $all);
            foreach (['a b', 'a"b', 'a<b', 'a>b', 'a(b', 'a,b', 'a;b', 'a:b', 'a[b', 'a\\b', "a\tb", "a\x7fb", "J\u{fc}rgen", "a\u{200b}b"] as $bad) {
                $refused = thrown(fn () => $users->create($bad, 'correct horse'));
                assert($refused instanceof Holdfast\Users\Exception\InvalidName, $bad);
                assert(!str_contains($refused->getMessage(), $bad));
            }
            PHP);
    }

    /** @dataProvider databases */
    public function testWhatIsNoIdFindsNobody(string $kind): void
    {
        $this->passesWith($this->installed($kind), <<<'PHP'
            $anna = $users->create('anna', 'correct horse');
            foreach ([0, -1, $anna->id + 1, PHP_INT_MAX, PHP_INT_MIN, '', '0', '-1', '+1', " $anna->id", "$anna->id ", "0$anna->id", "{$anna->id}x",
                "$anna->id.0", '1e0', '0x1', "$anna->id or 1=1", '9223372036854775808', '99999999999999999999', "$anna->id\0", 'anna'] as $id) {
                assert($users->findById($id) === null, var_export($id, true));
            }
            PHP);
    }

    /** @dataProvider databases */
    public function testAUserIsRenamed(string $kind): void
    {
        $this->passesWith($this->installed($kind), <<<'PHP'
            $anna = $users->create('anna', 'correct horse');
            $users->create('berta', 'battery staple');

            $renamed = $users->rename($anna, 'Carla');
            assert($renamed->id === $anna->id && $renamed->name === 'Carla' && $renamed->version === 2);
            assert($renamed->createdAt == $anna->createdAt && $renamed->updatedAt >= $anna->updatedAt);
            assert($users->findByName('carla') == $renamed);
            assert($users->findByName('anna') === null);
            assert($users->verifyPassword($renamed, 'correct horse'));

            // Only in upper and lower case: no conflict with herself.
            assert($users->rename($renamed, 'CARLA')->name === 'CARLA');

            $taken = thrown(fn () => $users->rename($renamed, 'BERTA'));
            assert($taken instanceof Holdfast\Users\Exception\NameTaken);
            assert(str_contains($taken->getMessage(), 'berta'));
            assert($users->findByName('carla')->version === 3);
            PHP);
    }

    /** @dataProvider databases */
    public function testADeletedUserIsGoneAndTheIdIsNotGivenAgain(string $kind): void
    {
        $this->passesWith($this->installed($kind), <<<'PHP'
            $users->create('anna', 'correct horse');
            $berta = $users->create('berta', 'battery staple');
            assert($users->delete($berta) === true);
            assert($users->delete($berta) === false);
            assert($users->findByName('berta') === null);
            assert($users->findById($berta->id) === null);
            assert($users->verifyPassword($berta, 'battery staple') === false);
            foreach ([fn () => $users->rename($berta, 'carla'), fn () => $users->setPassword($berta, 'something else')] as $change) {
                $unknown = thrown($change);
                assert($unknown instanceof Holdfast\Users\Exception\UnknownUser, get_class($unknown));
                assert(str_contains($unknown->getMessage(), (string) $berta->id));
            }
            $again = $users->create('berta', 'battery staple');
            assert($again->id > $berta->id);
            PHP);
    }

    /** @dataProvider databases */
    public function testAllUsersComeByIdAlsoWhenTheyAreMoreThanOnePiece(string $kind): void
    {
        $this->passesWith($this->installed($kind), <<<'PHP'
            assert(iterator_to_array($users->all()) === []);
            $pdo->beginTransaction();
            $insert = $pdo->prepare("INSERT INTO users (name, name_key, password_hash, version, created_at, updated_at) VALUES (?, ?, '!', 1, 0, 0)");
            for ($number = 1; $number <= 1001; ++$number) {
                $insert->execute(["User$number", "user$number"]);
            }
            $pdo->commit();
            $names = [];
            foreach ($users->all() as $position => $user) {
                assert($position === count($names));
                $names[] = $user->name;
                // Another query meanwhile.
                assert($position % 100 !== 0 || $users->findById($user->id) == $user);
            }
            assert($names === array_map(fn ($number) => "User$number", range(1, 1001)));
            PHP);
    }

    /** @dataProvider databases */
    public function testUsersOfAnotherProviderGoByTheirIds(string $kind): void
    {
        $this->passesWith($this->installed($kind), <<<'PHP'
            final class Stranger implements Holdfast\User {
                public function __construct(private int|string $id) {}
                public function getId(): int|string { return $this->id; }
                public function getName(): string { return 'whoever'; }
            }
            $anna = $users->create('anna', 'correct horse');
            assert($users->verifyPassword(new Stranger($anna->id), 'correct horse') === true);
            assert($users->verifyPassword(new Stranger((string) $anna->id), 'correct horse') === true);
            foreach ([0, 'anna', '', "$anna->id or 1=1"] as $id) {
                assert($users->verifyPassword(new Stranger($id), 'correct horse') === false);
                assert($users->delete(new Stranger($id)) === false);
            }
            PHP);
    }

    /** @dataProvider databases */
    public function testTheConnectionMayHaveAnyAttributesAndKeepsThem(string $kind): void
    {
        $this->passesWith($this->installed($kind), <<<'PHP'
            $attributes = [
                PDO::ATTR_CASE => [PDO::CASE_NATURAL, PDO::CASE_UPPER],
                PDO::ATTR_DEFAULT_FETCH_MODE => [PDO::FETCH_ASSOC, PDO::FETCH_OBJ],
                PDO::ATTR_STRINGIFY_FETCHES => [false, true],
                PDO::ATTR_EMULATE_PREPARES => [false, true],
            ];
            if ($pdo->getAttribute(PDO::ATTR_DRIVER_NAME) === 'mysql') {
                // The second name is deprecated where the first is known.
                $unbuffered = defined('Pdo\Mysql::ATTR_USE_BUFFERED_QUERY') ? constant('Pdo\Mysql::ATTR_USE_BUFFERED_QUERY') : PDO::MYSQL_ATTR_USE_BUFFERED_QUERY;
                $attributes[$unbuffered] = [true, false];
            }
            $round = 0;
            foreach ([PDO::ERRMODE_SILENT, PDO::ERRMODE_WARNING, PDO::ERRMODE_EXCEPTION] as $mode) {
                foreach ([0, 1] as $which) {
                    foreach ($attributes as $attribute => $values) {
                        try { $pdo->setAttribute($attribute, $values[$which]); } catch (PDOException) { /* SQLite knows fewer. */ }
                    }
                    $pdo->setAttribute(PDO::ATTR_ERRMODE, $mode);
                    ++$round;
                    $user = $users->create("user$round", 'correct horse');
                    assert($users->findByName("user$round") == $user);
                    assert($users->verifyPassword($user, 'correct horse') && !$users->verifyPassword($user, 'wrong horse'));
                    assert($users->setPassword($user, 'battery staple')->version === 2);
                    assert(thrown(fn () => $users->create("user$round", 'correct horse')) instanceof Holdfast\Users\Exception\NameTaken);
                    assert(count(iterator_to_array($users->all())) === $round);
                    assert($pdo->getAttribute(PDO::ATTR_ERRMODE) === $mode);
                }
            }
            PHP);
    }

    /** @dataProvider databases */
    public function testTheTableMayHaveAnotherNameButOnlyAName(string $kind): void
    {
        $this->passesWith($this->fresh($kind), <<<'PHP'
            // A word of SQL, and upper case: it is quoted.
            foreach (['Order', 'members_2', str_repeat('t', 63)] as $table) {
                Holdfast\Users\Schema::install($pdo, $table);
                $members = new Holdfast\Users\PdoUserProvider($pdo, $table, ['cost' => 4]);
                $members->create('anna', 'correct horse');
                assert(thrown(fn () => $members->create('anna', 'correct horse')) instanceof Holdfast\Users\Exception\NameTaken);
                assert(iterator_count($members->all()) === 1);
            }
            foreach (['', 'a b', '1a', 'a-b', 'a"b', 'a`b', "a'b", 'users; DROP TABLE users', 'a.b.c', '.a', 'a.', "users\n", "\u{fc}", str_repeat('t', 64)] as $table) {
                $refused = thrown(fn () => new Holdfast\Users\PdoUserProvider($pdo, $table));
                assert($refused instanceof Holdfast\Exception\InvalidArgument, $table);
                assert(thrown(fn () => Holdfast\Users\Schema::install($pdo, $table)) instanceof Holdfast\Exception\InvalidArgument, $table);
            }
            PHP);
    }

    public function testATableMayBeInASchema(): void
    {
        $this->passesWith($this->fresh(Databases\PostgreSql::class), <<<'PHP'
            $pdo->exec('CREATE SCHEMA app');
            Holdfast\Users\Schema::install($pdo, 'app.users');
            $members = new Holdfast\Users\PdoUserProvider($pdo, 'app.users', ['cost' => 4]);
            $anna = $members->create('anna', 'correct horse');
            assert($members->findByName('anna') == $anna);
            assert((int) $pdo->query('SELECT count(*) FROM app.users')->fetchColumn() === 1);
            PHP);
    }

    /** @dataProvider databases */
    public function testAMissingTableSaysWhatToDo(string $kind): void
    {
        $this->passesWith($this->fresh($kind), <<<'PHP'
            foreach ([fn () => $users->findByName('anna'), fn () => $users->verifyPassword(null, 'x'), fn () => $users->create('anna', 'correct horse')] as $use) {
                $failed = thrown($use);
                assert($failed instanceof Holdfast\Users\Exception\DatabaseFailed, get_class($failed));
                assert($failed instanceof Holdfast\Exception\HoldfastException);
                assert(str_contains($failed->getMessage(), "The users' table users can't be used"));
                assert(str_contains($failed->getMessage(), 'holdfast-user install'), $failed->getMessage());
            }
            PHP);
    }

    public function testAnotherDatabaseIsRefusedByName(): void
    {
        $this->passesWith($this->fresh(Databases\Sqlite::class), <<<'PHP'
            $odbc = new class('sqlite::memory:') extends PDO {
                public function getAttribute(int $attribute): mixed {
                    return $attribute === PDO::ATTR_DRIVER_NAME ? 'odbc' : parent::getAttribute($attribute);
                }
            };
            $refused = thrown(fn () => new Holdfast\Users\PdoUserProvider($odbc));
            assert($refused instanceof Holdfast\Exception\InvalidArgument);
            assert(str_contains($refused->getMessage(), 'odbc'));
            PHP);
    }
}
