<?php

declare(strict_types=1);

namespace Holdfast\Tests\ExpressionEngineSite;

use Holdfast\Tests\Browser\Response;
use Holdfast\Tests\Users\Databases\MariaDb;
use PHPUnit\Framework\TestCase;
use Throwable;

/**
 * Tests of the add-on on one real site of ExpressionEngine with MariaDB, which is installed once for all of them. Each has
 * members of its own.
 */
abstract class EeSiteTestCase extends TestCase
{
    private static ?MariaDb $database = null;
    private static ?EeSite $site = null;

    protected function setUp(): void
    {
        foreach ([EeSource::lacks(), MariaDb::lacks()] as $lacks) {
            if ($lacks !== null) {
                self::markTestSkipped("Here lacks $lacks");
            }
        }
        if (self::$site === null) {
            self::$database = MariaDb::start();
            register_shutdown_function(static function (): void {
                self::$site?->stop();
                self::$database?->stop();
                self::$site = self::$database = null;
            });
            self::$site = EeSite::prepared(self::$database->fresh());
        }
    }

    protected function tearDown(): void
    {
        if (self::$site !== null) {
            $this->settings(['enabled' => 'y', 'max_age' => 300, 'activity' => 60]);
        }
    }

    protected function onNotSuccessfulTest(Throwable $failure): void
    {
        if (self::$site !== null) {
            fwrite(STDERR, "\n=== log of the site, for " . $this->getName() . "\n" . self::$site->log() . "\n");
        }
        parent::onNotSuccessfulTest($failure);
    }

    protected static function site(): EeSite
    {
        \assert(self::$site !== null);
        return self::$site;
    }

    /**
     * Sets what the add-on's page sets.
     *
     * @param array<string, string|int> $settings
     */
    protected function settings(array $settings): void
    {
        self::site()->pdo()->prepare("UPDATE exp_extensions SET settings = ? WHERE class = 'Holdfast_ext'")->execute([serialize($settings + self::stored())]);
    }

    /** @return array<string, mixed> what is set, and what the add-on keeps beside it; [] when nothing has been set yet */
    protected static function stored(): array
    {
        $stored = self::site()->pdo()->query("SELECT settings FROM exp_extensions WHERE class = 'Holdfast_ext' LIMIT 1")->fetchColumn();
        $values = unserialize((string) $stored);
        return \is_array($values) ? $values : [];
    }

    /**
     * A member who has just logged in to the site, and whose pages are served from the store.
     *
     * @param array{id: int, name: string}|null $member
     */
    protected function served(?array &$member = null, int $role = 5): Visitor
    {
        $member ??= self::site()->addMember($role);
        $visitor = new Visitor(self::site());
        $visitor->logIn($member['name']);
        $this->becomesServed($visitor);
        return $visitor;
    }

    /** The first page asks the database, and the second doesn't. */
    protected function becomesServed(Visitor $visitor): void
    {
        // Where there is no record of changes yet, it is made by one page, and used from the next one.
        $statements = [];
        for ($page = 0; $page < 3; ++$page) {
            $statements[] = self::statements($visitor->page('who'));
        }
        self::assertSame(0, end($statements), 'statements: ' . implode(', ', $statements));
    }

    /** How many statements the session's constructor sent, as ExpressionEngine's own log of them counts. */
    protected static function statements(Response $response): int
    {
        self::assertNotSame([], $response->header('X-Session-Statements'), (string) $response);
        return (int) $response->header('X-Session-Statements')[0];
    }

    /** Who ExpressionEngine says is there. */
    protected static function who(Response $response): string
    {
        return $response->header('X-Session-Member')[0] ?? 'no session';
    }

    /** Runs PHP code in a page of a visitor's; what it printed. */
    protected static function inPage(Visitor $visitor, string $code): string
    {
        file_put_contents(self::site()->path('in-page.php'), "<?php $code");
        return explode('[end]', $visitor->page('run')->body)[0];
    }

    /**
     * The statements that somebody's visit sent to MariaDB, by its own log.
     *
     * @param callable(): mixed $visit
     * @return list<string>
     */
    protected static function asked(callable $visit): array
    {
        $log = self::site()->pdo();
        $log->exec("SET GLOBAL log_output = 'TABLE'");
        $log->exec('TRUNCATE mysql.general_log');
        $log->exec('SET GLOBAL general_log = ON');
        $visit();
        $log->exec('SET GLOBAL general_log = OFF');
        $asked = $log->query("SELECT argument FROM mysql.general_log WHERE command_type IN ('Query', 'Execute') AND thread_id != CONNECTION_ID()");
        return array_map(static fn (string $sql): string => trim((string) preg_replace('/\s+/', ' ', $sql)), $asked->fetchAll(\PDO::FETCH_COLUMN));
    }
}
