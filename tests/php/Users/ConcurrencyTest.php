<?php

declare(strict_types=1);

namespace Holdfast\Tests\Users;

/**
 * Issue 4, 4: several processes change the users of one database at once.
 */
final class ConcurrencyTest extends DatabaseTestCase
{
    private const PROCESSES = 8;
    private const ROUNDS = 5;

    /** @dataProvider databases */
    public function testOneNameGivesOneUserAndOneClearErrorToEachOther(string $kind): void
    {
        $connection = $this->installed($kind);
        for ($round = 1; $round <= self::ROUNDS; ++$round) {
            // In as many spellings as there are processes.
            $outcomes = $this->together($connection, $round, <<<PHP
                \$name = 'Anna$round';
                for (\$letter = 0; \$letter < 3; ++\$letter) {
                    \$name[\$letter] = random_int(0, 1) ? strtoupper(\$name[\$letter]) : strtolower(\$name[\$letter]);
                }
                echo \$users->create(\$name, 'password of ' . getmypid())->version, ' ', getmypid();
                PHP);
            $made = preg_grep('/^1 \d+$/D', $outcomes);
            self::assertCount(1, $made, implode("\n", $outcomes));
            $refused = array_diff_key($outcomes, $made);
            self::assertSame(
                ["Holdfast\\Users\\Exception\\NameTaken: There is a user named anna$round already: choose another name."],
                array_values(array_unique($refused))
            );
            $pid = substr(current($made), 2);
            $this->passesWith($connection, <<<PHP
                assert(count(iterator_to_array(\$users->all())) === $round);
                assert(\$users->verifyPassword(\$users->findByName('anna$round'), 'password of $pid'));
                PHP);
        }
    }

    /** @dataProvider databases */
    public function testOneNameIsClaimedByRenamingOnce(string $kind): void
    {
        $connection = $this->installed($kind);
        for ($round = 1; $round <= self::ROUNDS; ++$round) {
            $outcomes = $this->together($connection, $round, <<<PHP
                \$mine = \$users->create("mine{$round}_" . getmypid(), 'correct horse');
                startTogether(\$together . 'again', \$processes);
                echo \$users->rename(\$mine, 'wanted$round')->id;
                PHP);
            $renamed = preg_grep('/^\d+$/D', $outcomes);
            self::assertCount(1, $renamed, implode("\n", $outcomes));
            self::assertSame(
                ["Holdfast\\Users\\Exception\\NameTaken: There is a user named wanted$round already: choose another name."],
                array_values(array_unique(array_diff_key($outcomes, $renamed)))
            );
            $this->passesWith($connection, "assert(\$users->findByName('wanted$round')->id === " . current($renamed) . ');');
        }
    }

    /** @dataProvider databases */
    public function testEveryChangeRaisesTheVersion(string $kind): void
    {
        $connection = $this->installed($kind);
        $this->passesWith($connection, '$users->create("anna", "correct horse");');
        $this->together($connection, 1, <<<'PHP'
            $anna = $users->findByName('anna');
            for ($change = 0; $change < 5; ++$change) {
                $users->setPassword($anna, 'correct horse');
            }
            PHP);
        $this->passesWith($connection, 'assert($users->findByName("anna")->version === ' . (1 + self::PROCESSES * 5) . ');');
    }

    /** Logins of one user while the cost was raised: all get in, and the last hash is a whole one. */
    public function testManyRenewTheHashAtOnce(): void
    {
        foreach (self::databases() as [$kind]) {
            $connection = $this->installed($kind);
            $this->passesWith($connection, '$users->create("anna", "correct horse");');
            $outcomes = $this->together($connection, 1, <<<'PHP'
                $renewing = new Holdfast\Users\PdoUserProvider($pdo, 'users', ['cost' => 5]);
                echo json_encode($renewing->verifyPassword($users->findByName('anna'), 'correct horse'));
                PHP);
            self::assertSame(array_fill(0, self::PROCESSES, 'true'), $outcomes);
            $this->passesWith($connection, <<<'PHP'
                assert($users->verifyPassword($users->findByName('anna'), 'correct horse'));
                assert($users->findByName('anna')->version === 1);
                PHP);
        }
    }

    /**
     * Runs code in several processes that begin at once.
     *
     * @return list<string> the output of each, or class and message of what it threw
     */
    private function together(Databases\Connection $connection, int $round, string $code): array
    {
        $directory = $this->directory() . '/together-' . bin2hex(random_bytes(4));
        $processes = self::PROCESSES;
        $start = 'require ' . var_export(__DIR__ . '/scripts/together.php', true) . ';'
            . "\$together = '$directory'; \$processes = $processes; startTogether(\$together, \$processes);";
        $results = $this->cliFor($connection)->runTogether(
            $processes,
            self::prelude($connection) . "try { $start $code } catch (Throwable \$thrown) { echo get_class(\$thrown), ': ', \$thrown->getMessage(); }"
        );
        foreach ($results as $result) {
            self::assertSame('', $result->errors, "round $round");
        }
        return array_map(static fn ($result): string => $result->output, $results);
    }
}
