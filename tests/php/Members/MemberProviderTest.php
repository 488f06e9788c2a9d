<?php

declare(strict_types=1);

namespace Holdfast\Tests\Members;

use Holdfast\Tests\Users\DatabaseTestCase;
use Holdfast\Tests\Users\Databases\Connection;
use Holdfast\Tests\Users\Databases\Sqlite;

/**
 * Issue 5, 1: Holdfast\Users\PdoMemberProvider, on each database.
 */
final class MemberProviderTest extends DatabaseTestCase
{
    private const PROCESSES = 6;

    /** @dataProvider databases */
    public function testAMembersDataAreOfTheirRoleAndTheirOwn(string $kind): void
    {
        $this->passesWithMembers($this->membersInstalled($kind), <<<'PHP'
            $anna = $members->create('Anna', 'correct horse', Role::MEMBERS, ['email' => 'anna@example.org', 'ignore_list' => [3, 'x' => null],
                'total_entries' => '7', 'display_avatars' => true, 'shoe_size' => 38.0, 'search_flood_control' => 3]);
            assert($anna instanceof Holdfast\User && $anna->version === 1);
            $data = $members->getMemberData($anna);
            ksort($data);
            assert($data === [
                'can_attach_in_private_messages' => 'y', 'can_delete_self' => 'y', 'can_edit_html_buttons' => 'y',
                'can_email_from_profile' => 'y', 'can_send_private_messages' => 'y', 'can_view_online_system' => 'y',
                'can_view_profiles' => 'y', 'display_avatars' => 'y', 'email' => 'anna@example.org', 'group_id' => 5,
                'group_title' => 'Members', 'ignore_list' => [3, 'x' => null], 'include_in_memberlist' => 'y', 'is_locked' => false,
                'screen_name' => 'Anna', 'search_flood_control' => 3, 'shoe_size' => 38.0, 'total_entries' => 7, 'username' => 'Anna',
            ], json_encode($data));
            assert($members->findByName('anna') == $anna);
            assert($members->verifyPassword($anna, 'correct horse') && !$members->verifyPassword($anna, 'other horse'));
            PHP);
    }

    /** @dataProvider databases */
    public function testChangesAreTakenOneByOneAndNullIsTheDefault(string $kind): void
    {
        $this->passesWithMembers($this->membersInstalled($kind), <<<'PHP'
            $anna = $members->create('anna', 'correct horse', data: ['email' => 'anna@example.org', 'timezone' => 'Asia/Tokyo', 'a' => 1, 'b' => 2]);
            $changed = $members->setMemberData($anna, ['screen_name' => "\u{1F40E} \"Änne\" O'Hara; --\\", 'email' => null, 'a' => null, 'c' => ["\0\u{1F40E}"]], $session);
            assert($changed->version === 2 && $changed->id === $anna->id);
            $data = $members->getMemberData($anna);
            assert($data['screen_name'] === "\u{1F40E} \"Änne\" O'Hara; --\\");
            assert($data['timezone'] === 'Asia/Tokyo' && $data['b'] === 2 && $data['c'] === ["\0\u{1F40E}"]);
            assert(!isset($data['email']) && !isset($data['a']));
            assert($data['group_id'] === 5);
            $members->setMemberData($anna, ['screen_name' => null], $session);
            assert($members->getMemberData($anna)['screen_name'] === 'anna');

            $role = $members->roles->create("Ärzte \u{1F40E}");
            assert($members->roles->find($role->id)->name === "Ärzte \u{1F40E}" && $members->roles->all()[5] == $role);
            assert($members->roles->rename($role->id, "Éditeurs \u{1F40E}", $session)->name === "Éditeurs \u{1F40E}");
            $members->setMemberRole($anna, $role->id, $session);
            assert($members->getMemberData($anna)['group_title'] === "Éditeurs \u{1F40E}");
            if ($pdo->getAttribute(PDO::ATTR_DRIVER_NAME) === 'mysql') {
                // As another program sees it, over a connection with the character set of the texts.
                $pdo->exec('SET NAMES utf8mb4');
                assert($pdo->query("SELECT name FROM roles WHERE id = {$role->id}")->fetchColumn() === "Éditeurs \u{1F40E}");
                assert($members->getMemberData($anna)['group_title'] === "Éditeurs \u{1F40E}");
            }
            PHP);
    }

    /** @dataProvider databases */
    public function testARoleDecidesTheGroupAndThePrivileges(string $kind): void
    {
        $this->passesWithMembers($this->membersInstalled($kind), <<<'PHP'
            assert(array_map(fn ($role) => [$role->id, $role->name, $role->isLocked], $members->roles->all()) === [
                [1, 'Super Admin', true], [2, 'Banned', false], [3, 'Guests', false], [4, 'Pending', false], [5, 'Members', false]]);
            $editors = $members->roles->create('Editors & "more"', ['can_access_cp', 'can_search', 'can_search'], ['exclude_from_moderation' => true]);
            assert($editors->id === 6 && $editors->privileges === ['can_access_cp', 'can_search'] && $editors->version === 1);
            $anna = $members->create('anna', 'correct horse', Role::PENDING);
            assert($members->getMemberData($anna)['group_id'] === 4);
            assert($members->setMemberRole($anna, $editors->id, $session)->version === 2);
            $data = $members->getMemberData($anna);
            assert([$data['group_id'], $data['group_title'], $data['is_locked']] === [6, 'Editors & "more"', false]);
            assert([$data['can_access_cp'], $data['can_search'], $data['can_view_online_system']] === ['y', 'y', 'n']);
            assert($data['exclude_from_moderation'] === 'y' && !isset($data['search_flood_control']));

            $role = $members->roles->setPrivileges(6, ['can_admin_members'], $session);
            assert($role->privileges === ['can_admin_members'] && $role->version === 2);
            $role = $members->roles->setSettings(6, ['theme' => 'dark'], $session);
            $role = $members->roles->rename(6, 'Redaktion', $session);
            $role = $members->roles->setLocked(6, true, $session);
            assert($role == $members->roles->find(6) && $role->version === 5 && $members->roles->find(7) === null);
            $data = $members->getMemberData($anna);
            assert([$data['group_title'], $data['is_locked'], $data['theme'], $data['can_admin_members']] === ['Redaktion', true, 'dark', 'y']);
            assert(!isset($data['can_access_cp']) && !isset($data['exclude_from_moderation']));
            PHP);
    }

    /** @dataProvider databases */
    public function testTheVersionIsAnotherOneAfterEachChange(string $kind): void
    {
        $this->passesWithMembers($this->membersInstalled($kind), <<<'PHP'
            $anna = $members->create('anna', 'correct horse');
            $berta = $members->create('berta', 'correct horse');
            $hers = $members->getMemberVersion($berta);
            $seen = [$members->getMemberVersion($anna)];
            $members->roles->create('Editors');
            foreach ([
                fn () => $members->setMemberRole($anna, 6, $session), fn () => $members->setMemberData($anna, ['email' => 'x'], $session),
                fn () => $members->roles->setPrivileges(6, ['can_search'], $session), fn () => $members->rename($anna, 'ANNA'),
                fn () => $members->roles->rename(6, 'Redaktion', $session), fn () => $members->setMemberRole($anna, 5, $session),
                fn () => $members->setMemberRole($anna, 6, $session),
            ] as $change) {
                $change();
                $version = $members->getMemberVersion($anna);
                assert(!in_array($version, $seen, true), $version);
                $seen[] = $version;
            }
            assert($members->getMemberVersion($anna) === $version && $members->getMemberVersion($berta) === $hers);
            PHP);
    }

    /** @dataProvider databases */
    public function testAUserWithoutDataIsOneOfTheMembers(string $kind): void
    {
        $this->passesWithMembers($this->membersInstalled($kind), <<<'PHP'
            $anna = $users->create('anna', 'correct horse');
            $data = $members->getMemberData($anna);
            assert($data['group_id'] === 5 && $data['can_view_profiles'] === 'y' && $data['username'] === 'anna');
            $members->setMemberData($anna, ['email' => 'x'], $session);
            assert($members->getMemberData($anna)['email'] === 'x' && $members->getMemberData($anna)['group_id'] === 5);
            $berta = $users->create('berta', 'correct horse');
            $members->setMemberRole($berta, Role::BANNED, $session);
            assert($members->getMemberData($berta)['group_id'] === 2);
            assert($members->delete($anna) && $members->delete($berta) && !$members->delete($berta));
            assert((int) $pdo->query('SELECT count(*) FROM members')->fetchColumn() === 0);
            assert($members->getMemberData($anna) === [] && $members->getMemberVersion($anna) === '');
            PHP);
    }

    /** @dataProvider databases */
    public function testWhatCanNotBeIsRefusedAndChangesNothing(string $kind): void
    {
        $this->passesWithMembers($this->membersInstalled($kind), <<<'PHP'
            $anna = $members->create('anna', 'correct horse', data: ['email' => 'x']);
            $before = [$members->getMemberVersion($anna), $members->getMemberData($anna)];
            $nobody = new Holdfast\Users\PdoUser(99, 'nobody', 1, new DateTimeImmutable(), new DateTimeImmutable());
            $fails = function (string $class, string $what, callable $call): void {
                $thrown = thrown($call);
                assert(get_class($thrown) === $class && str_contains($thrown->getMessage(), $what), $what . ': ' . $thrown);
            };
            $unknownRole = 'Holdfast\Users\Exception\UnknownRole';
            $fails($unknownRole, 'no role of id 9', fn () => $members->setMemberRole($anna, 9, $session));
            $fails($unknownRole, 'no role of id 9', fn () => $members->create('berta', 'correct horse', 9));
            $fails($unknownRole, 'no role of id 9', fn () => $members->roles->setPrivileges(9, [], $session));
            $fails('Holdfast\Users\Exception\UnknownUser', 'of id 99', fn () => $members->setMemberRole($nobody, 5, $session));
            $fails('Holdfast\Users\Exception\UnknownUser', 'of id 99', fn () => $members->setMemberData($nobody, ['email' => 'x'], $session));
            $argument = 'Holdfast\Exception\InvalidArgument';
            foreach ([
                ['can_search', 'y', 'setPrivileges()'], ['group_id', 1, 'setMemberRole()'], ['username', 'x', 'rename()'], ['is_banned', 0, 'the role'],
                ['member_id', 1, 'the session'], ['ip_address', 'x', 'the request'], ['total_entries', '7.5', 'an integer'], ['total_entries', [], 'an integer'],
                ['accept_messages', 'yes', "'y', 'n'"], ['ignore_list', '3|4', 'an array'], ['ignore_list', [new stdClass()], 'JSON'], ['theme', [], 'a string'],
                ['email', str_repeat('ä', 256), '255 characters'], ['email', "a\0b", 'NUL'], ['email', "\xC3", 'UTF-8'], ['theme', "\xC3", 'UTF-8'],
                ['own', new DateTime(), 'JSON'], ['own', NAN, 'JSON'], ['own', "\xC3", 'JSON'], ['a b', 1, 'The name of a variable'], [7, 1, 'The name of a variable'],
            ] as [$name, $value, $why]) {
                $fails($argument, $why, fn () => $members->setMemberData($anna, ['email' => 'y', $name => $value], $session));
                $fails($argument, $why, fn () => $members->create('berta', 'correct horse', 5, [$name => $value]));
            }
            foreach ([['search'], ['can_ x'], [1], ['can_' . str_repeat('x', 61)]] as $privileges) {
                $fails($argument, 'can_', fn () => $members->roles->setPrivileges(5, $privileges, $session));
            }
            $fails($argument, 'email', fn () => $members->roles->setSettings(5, ['email' => 'x'], $session));
            $fails($argument, 'can_search', fn () => $members->roles->setSettings(5, ['can_search' => 'y'], $session));
            $fails($argument, 'The name of a role', fn () => $members->roles->create(''));
            assert($members->findByName('berta') === null, 'no user is left of what failed');
            assert([$members->getMemberVersion($anna), $members->getMemberData($anna)] === $before);
            assert($members->setMemberData($anna, ['email' => str_repeat('ä', 255)], $session)->version === 2);
            PHP);
    }

    /** Sessions would ask for what is not committed, or never will be. @dataProvider databases */
    public function testASessionIsNotToldOfWhatIsNotCommitted(string $kind): void
    {
        $this->passesWithMembers($this->membersInstalled($kind), <<<'PHP'
            $anna = $members->create('anna', 'correct horse');
            $pdo->beginTransaction();
            foreach ([
                fn () => $members->setMemberRole($anna, 1, $session), fn () => $members->setMemberData($anna, ['email' => 'x'], $session),
                fn () => $members->roles->setPrivileges(5, [], $session), fn () => $members->rename($anna, 'berta', $session),
            ] as $change) {
                $refused = thrown($change);
                assert($refused instanceof Holdfast\Exception\InvalidState && str_contains($refused->getMessage(), 'Commit it'), (string) $refused);
            }
            $members->create('berta', 'correct horse', 1);
            $pdo->rollBack();
            assert($members->getMemberVersion($anna) === '1.5.1' && $members->findByName('berta') === null);
            assert(!$pdo->inTransaction());
            PHP);
    }

    /**
     * A page that is in a transaction since before the change would keep the old role as the one after it, for good.
     *
     * @dataProvider servers
     */
    public function testAPageInATransactionIsGivenWhatIsCommitted(string $kind): void
    {
        $connection = $this->membersInstalled($kind);
        $this->passesWithMembers($connection, '$page = ' . $connection->code() . ';' . <<<'PHP'
            $anna = $members->create('anna', 'correct horse', Role::SUPERADMINS);
            $asked = new Holdfast\Users\PdoMemberProvider($page);
            $page->beginTransaction();
            $page->query('SELECT count(*) FROM users')->fetchAll();
            $members->setMemberRole($anna, Role::BANNED, $session);
            assert($asked->getMemberVersion($anna) === '2.2.1');
            assert($asked->getMemberData($anna)['group_id'] === Role::BANNED);
            assert($page->inTransaction());
            $page->commit();
            PHP);
    }

    /** @return array<string, array{string}> */
    public static function servers(): array
    {
        return array_diff_key(self::databases(), ['SQLite' => 0]);
    }

    /** @dataProvider databases */
    public function testManyChangeOneMemberAtOnceAndNothingIsLost(string $kind): void
    {
        $connection = $this->membersInstalled($kind);
        $this->passesWithMembers($connection, '$users->create("anna", "correct horse");');
        $together = $this->directory() . '/together';
        $code = self::prelude($connection) . self::members() . 'require ' . var_export(dirname(__DIR__) . '/Users/scripts/together.php', true) . ';'
            . "startTogether('$together', " . self::PROCESSES . '); $anna = $members->findByName("anna");'
            . 'for ($i = 0; $i < 5; ++$i) { $members->setMemberData($anna, ["p" . getmypid() . "_$i" => $i], $session); } echo "reached the end";';
        foreach ($this->cliFor($connection, ['holdfast.store' => $this->store()])->runTogether(self::PROCESSES, $code) as $result) {
            $this->assertPasses($result, $code);
        }
        $this->passesWithMembers($connection, '$anna = $members->findByName("anna"); assert($anna->version === ' . (1 + self::PROCESSES * 5) . ');
            assert(count(preg_grep("/^p\d+_\d$/", array_keys($members->getMemberData($anna)))) === ' . self::PROCESSES * 5 . ');');
    }

    /** @dataProvider databases */
    public function testTheAttributesOfTheConnectionAreTheSites(string $kind): void
    {
        $this->passesWithMembers($this->membersInstalled($kind), <<<'PHP'
            $attributes = [PDO::ATTR_ERRMODE => PDO::ERRMODE_SILENT, PDO::ATTR_STRINGIFY_FETCHES => true, PDO::ATTR_CASE => PDO::CASE_UPPER,
                PDO::ATTR_ORACLE_NULLS => PDO::NULL_EMPTY_STRING, PDO::ATTR_DEFAULT_FETCH_MODE => PDO::FETCH_OBJ];
            foreach ($attributes as $attribute => $value) {
                $pdo->setAttribute($attribute, $value);
            }
            $anna = $members->create('anna', 'correct horse', 4, ['email' => 'x', 'a' => 1]);
            $members->setMemberRole($anna, 1, $session);
            $data = $members->getMemberData($anna);
            assert([$data['group_id'], $data['is_locked'], $data['email'], $data['a'], $data['screen_name']] === [1, true, 'x', 1, 'anna']);
            assert($members->getMemberVersion($anna) === '2.1.1');
            assert(thrown(fn () => $members->setMemberRole($anna, 9, $session)) instanceof Holdfast\Users\Exception\UnknownRole);
            foreach ($attributes as $attribute => $value) {
                assert($pdo->getAttribute($attribute) == $value);
            }
            PHP);
    }

    /** @dataProvider databases */
    public function testTablesOfOtherNames(string $kind): void
    {
        $this->passesWith($this->fresh($kind), <<<'PHP'
            $schema = ['sqlite' => 'main', 'pgsql' => 'public'][$pdo->getAttribute(PDO::ATTR_DRIVER_NAME)] ?? $pdo->query('SELECT database()')->fetchColumn();
            $names = ["$schema.people", "$schema.members_of_us", 'groups'];
            Holdfast\Users\Schema::installMembers($pdo, ...$names);
            $members = new Holdfast\Users\PdoMemberProvider($pdo, $names[0], ['cost' => 4], $names[1], $names[2]);
            $session = new Holdfast\Session();
            $anna = $members->create('anna', 'correct horse');
            $members->setMemberRole($anna, 1, $session);
            $members->roles->setPrivileges(1, ['can_search'], $session);
            $members->roles->setPrivileges(5, ['can_search'], $session);
            assert($members->getMemberData($anna)['group_id'] === 1);
            assert($members->delete($anna));
            foreach ([['users', [], 'a b', 'roles'], ['users', [], 'members', 'x"y'], ['a;b', [], 'members', 'roles']] as $wrong) {
                $refused = thrown(fn () => new Holdfast\Users\PdoMemberProvider($pdo, ...$wrong));
                assert($refused instanceof Holdfast\Exception\InvalidArgument && str_contains($refused->getMessage(), 'table must be 1 to 63'));
            }
            PHP, ['holdfast.store' => $this->store()]);
    }

    /** Whatever has been written there by other means, a member's own data and a role's list give no more than they can. */
    public function testOtherHandsInTheTablesGrantNothing(): void
    {
        $this->passesWithMembers($this->membersInstalled(Sqlite::class), <<<'PHP'
            $anna = $members->create('anna', 'correct horse');
            $pdo->exec("UPDATE members SET data = '{\"can_access_cp\":\"y\",\"group_id\":1,\"username\":\"root\",\"is_locked\":\"y\"}'");
            $pdo->exec("UPDATE roles SET privileges = '[\"group_id\",\"can_search\",7]', settings = '{\"can_admin_members\":\"y\"}' WHERE id = 5");
            $data = $members->getMemberData($anna);
            assert(!isset($data['can_access_cp']) && !isset($data['can_admin_members']) && $data['can_search'] === 'y');
            assert([$data['group_id'], $data['username'], $data['is_locked']] === [5, 'anna', false]);
            foreach (["UPDATE roles SET privileges = 'can_search'" => 'role 5', "UPDATE members SET data = '7'" => 'the data of member 1'] as $broken => $whose) {
                $pdo->exec($broken);
                $failed = thrown(fn () => $members->getMemberData($anna));
                assert($failed instanceof Holdfast\Users\Exception\DatabaseFailed && str_contains($failed->getMessage(), $whose), (string) $failed);
                $pdo->exec("UPDATE roles SET privileges = '[]'");
            }
            PHP);
    }

    public function testAConnectionThatIsMadeWhenItIsNeeded(): void
    {
        $connection = $this->membersInstalled(Sqlite::class);
        $this->passesWith($connection, '$real = ' . $connection->code() . ';' . <<<'PHP'
            $made = 0;
            $members = new Holdfast\Users\PdoMemberProvider(function () use (&$made, $real) { ++$made; return $real; });
            assert($made === 0);
            assert($members->findByName('anna') === null && $members->roles->find(5) !== null && $members->findById(1) === null);
            assert($made === 1);
            $refused = thrown(fn () => (new Holdfast\Users\PdoUserProvider(fn () => 'no connection'))->findById(1));
            assert($refused instanceof Holdfast\Exception\InvalidArgument && str_contains($refused->getMessage(), 'must give a PDO'));
            $users = new Holdfast\Users\PdoUserProvider(fn () => new PDO('sqlite:/nowhere/x', 'anna', 'sesame'));
            foreach ([1, 2] as $attempt) {
                $failed = thrown(fn () => $users->findById(1));
                assert($failed instanceof Holdfast\Users\Exception\DatabaseFailed && $failed->getPrevious() === null);
                assert(str_contains($failed->getMessage(), "can't be reached") && !str_contains((string) $failed, 'sesame'), (string) $failed);
            }
            PHP);
    }

    /** @dataProvider databases */
    public function testTheTablesMayBeInstalledAgainAndBySeveralAtOnce(string $kind): void
    {
        $connection = $this->fresh($kind);
        $together = $this->directory() . '/together';
        $code = self::prelude($connection) . 'require ' . var_export(dirname(__DIR__) . '/Users/scripts/together.php', true) . ';'
            . "startTogether('$together', 6); Holdfast\\Users\\Schema::installMembers(\$pdo); echo 'reached the end';";
        foreach ($this->cliFor($connection)->runTogether(6, $code) as $result) {
            $this->assertPasses($result, $code);
        }
        $this->passesWithMembers($connection, <<<'PHP'
            assert(count($members->roles->all()) === 5);
            $anna = $members->create('anna', 'correct horse', 1);
            $members->roles->rename(5, 'Everybody', $session);
            Holdfast\Users\Schema::installMembers($pdo);
            assert($members->roles->find(5)->name === 'Everybody' && $members->getMemberData($anna)['group_id'] === 1);
            assert($members->roles->create('Editors')->id === 6);
            PHP);
        $this->passesWith($this->fresh($kind), <<<'PHP'
            $pdo->exec('CREATE TABLE members (id INTEGER)');
            $failed = thrown(fn () => Holdfast\Users\Schema::installMembers($pdo));
            assert($failed instanceof Holdfast\Users\Exception\DatabaseFailed, (string) $failed);
            assert(!Holdfast\Users\Schema::hasMembers($pdo));
            PHP);
    }

    /** S29. @dataProvider databases */
    public function testNothingThatIsThrownHoldsAPassword(string $kind): void
    {
        if (PHP_VERSION_ID < 80200) {
            self::markTestSkipped('PHP 8.1 has no SensitiveParameter; docs/users.md says what to set.');
        }
        $connection = $this->membersInstalled($kind);
        $this->passesWith($connection, self::members() . <<<'PHP'
            $anna = $members->create('anna', 'correct horse');
            $failures = [
                'taken' => thrown(fn () => $members->create('anna', 'correct horse')), 'role' => thrown(fn () => $members->create('berta', 'correct horse', 9)),
                'data' => thrown(fn () => $members->create('berta', 'correct horse', 5, ['can_x' => 1])),
                'renamed' => thrown(fn () => $members->rename($members->create('berta', 'correct horse'), 'anna', $session)),
            ];
            $pdo->exec('DROP TABLE members');
            $failures['no table'] = thrown(fn () => $members->create('carla', 'correct horse'));
            foreach ($failures as $what => $failure) {
                assert($failure instanceof Holdfast\Exception\HoldfastException, $what);
                $shown = $failure . print_r(array_map(fn ($frame) => ['args' => $frame['args'] ?? []], $failure->getTrace()), true);
                assert(preg_match('/horse|\$2y/', $shown) === 0 && $failure->getPrevious() === null, "$what: $shown");
            }
            assert($members->findByName('carla') === null);
            PHP, ['zend.exception_ignore_args' => 0, 'holdfast.store' => $this->store()]);
    }

    /** The table of the documentation, which the extension shares, is the one of the provider too. */
    public function testTheVariablesAreThoseOfTheDocumentation(): void
    {
        $text = (string) file_get_contents(__DIR__ . '/../../../docs/expressionengine-api.md');
        preg_match_all('/^\| `(\w+)` \| (int|string|array|y\/n) \| [^|]+ \| ([a-z ]+) \|$/m', $text, $rows, PREG_SET_ORDER);
        self::assertGreaterThan(80, count($rows));
        $data = array_filter($rows, static fn (array $row): bool => $row[3] === 'member data');
        $documented = array_column($data, 2, 1);
        $others = array_column(array_filter($rows, static fn (array $row): bool => $row[3] !== 'member data' && $row[3] !== 'privilege'), 1);
        $this->passesWith($this->fresh(Sqlite::class), 'use Holdfast\Users\MemberVariables as V;
            $documented = ' . var_export($documented, true) . ';
            $kept = array_fill_keys(V::COLUMNS, "string") + V::TYPES;
            $elsewhere = array_intersect(array_keys(V::ELSEWHERE), array_keys($documented));
            assert($elsewhere === ["username", "group_id", "group_title", "is_locked"]);
            $expected = array_diff_key($documented, array_flip($elsewhere));
            ksort($expected); ksort($kept);
            assert($kept === $expected);
            assert(array_diff(' . var_export($others, true) . ', array_keys(V::ELSEWHERE)) === []);');
    }

    /** docs/members.md */
    public function testTheExampleRuns(): void
    {
        $text = (string) file_get_contents(__DIR__ . '/../../../docs/members.md');
        self::assertSame(1, preg_match("/<!-- test: members -->\n```php\n(.*?)```\n/s", $text, $example));
        $this->passesWithMembers($this->membersInstalled(Sqlite::class), str_replace('use Holdfast\Users\Role;', '', $example[1]) . <<<'PHP'
            $data = $members->getMemberData($anna);
            assert([$data['username'], $data['screen_name'], $data['group_title'], $data['is_locked']] === ['aenne', 'Änne', 'Redaktion', true]);
            assert($data['can_access_cp'] === 'y' && !isset($data['can_access_publish'], $data['shoe_size']) && $data['search_flood_control'] === 0);
            PHP);
    }

    /** docs/members.md has the five roles as the schema makes them. */
    public function testTheRolesAreThoseOfTheDocumentation(): void
    {
        $text = (string) file_get_contents(__DIR__ . '/../../../docs/members.md');
        preg_match_all('/^\| (\d), `(\w+)` \| ([\w ]+) \| (.*) \|$/m', $text, $rows, PREG_SET_ORDER);
        $roles = array_map(static fn (array $row): array => [(int) $row[1], $row[2], $row[3]], $rows);
        preg_match_all('/`(can_\w+)`/', $rows[4][4], $privileges);
        foreach (self::databases() as [$kind]) {
            $this->passesWithMembers($this->membersInstalled($kind), '
                foreach (' . var_export($roles, true) . ' as [$id, $constant, $name]) {
                    assert(constant("Holdfast\\Users\\Role::$constant") === $id && $members->roles->find($id)->name === $name);
                }
                assert(count($members->roles->all()) === ' . count($roles) . ');
                assert($members->roles->find(5)->privileges === ' . var_export($privileges[1], true) . ');');
        }
    }

    private function membersInstalled(string $kind): Connection
    {
        $connection = $this->fresh($kind);
        $this->passesWith($connection, 'Holdfast\Users\Schema::installMembers($pdo);');
        return $connection;
    }

    private function passesWithMembers(Connection $connection, string $code): void
    {
        $this->passesWith($connection, self::members() . $code, ['holdfast.store' => $this->store()]);
    }

    private static function members(): string
    {
        return 'use Holdfast\Users\Role; $members = new Holdfast\Users\PdoMemberProvider($pdo, "users", ["cost" => 4]); $session = new Holdfast\Session();';
    }
}
