<?php

declare(strict_types=1);

namespace Holdfast\Tests\Audit;

use Holdfast\Tests\SaveHandler\HandlerCliTestCase;

/**
 * S45: what the store removes by itself is an event of the process that did it: what expired, and what gave way.
 */
final class RemovalsTest extends HandlerCliTestCase
{
    private const STORES = ['memory' => 'memory:?capacity=1M', 'shared' => ''];

    protected function cli(array $settings = []): \Holdfast\Tests\Cli\PhpCli
    {
        return parent::cli($settings + ['holdfast.audit' => $this->log()->path, 'session.gc_probability' => 0]);
    }

    private function log(): AuditLog
    {
        return new AuditLog($this->directory() . '/audit.log');
    }

    /** A moment after the life of a session of a second. */
    private const WAIT = '$end = microtime(true) + 1.1; while (microtime(true) < $end) { usleep(10000); }';

    public function testAnExpiredSessionIsToldByWhoRemovesIt(): void
    {
        $result = $this->passes(
            '$short = new Session(["lifetime" => 1]); $short->a = 1; $short->save();' . self::WAIT . '
            $next = new Session(["cookie_name" => "next"]); $next->a = 1; $next->save();
            echo $short->getId(), "\n", $next->getId(), "\n";',
            ['holdfast.store' => 'memory:']
        );
        [$short, $next] = explode("\n", $result->output);
        $events = $this->log()->news();
        self::assertSame(['create/first_write', 'create/first_write', 'expire/lifetime'], AuditLog::words($events));
        self::assertSame(
            [AuditLog::name('holdfast', $short), AuditLog::name('next', $next), AuditLog::name('holdfast', $short)],
            array_column($events, 'session')
        );
        $created = (float) date_create($events[0]['time'])->format('U.v');
        $expired = (float) date_create($events[2]['expired'])->format('U.v');
        self::assertEqualsWithDelta($created + 1, $expired, 0.5);
        self::assertSame(['time', 'event', 'reason', 'session', 'expired'], array_keys($events[2]));
    }

    /** The memory engine removes what it meets; who saves nothing tells it when the session is closed, or the script ends. */
    public function testWhoSavesNothingTellsToo(): void
    {
        $settings = ['holdfast.store' => 'memory:'];
        $this->passes(
            '$session = new Session(["lifetime" => 1]); $session->a = 1; $session->save();' . self::WAIT . '
            $session->destroy();',
            $settings
        );
        $log = new AuditLog($this->log()->path);
        self::assertSame(['create/first_write', 'expire/lifetime'], AuditLog::words($log->news()));

        $this->passes(
            'session_start(); $_SESSION["a"] = 1; session_write_close();' . self::WAIT . '
            session_start(); assert($_SESSION === []); session_write_close();
            assert(substr_count(file_get_contents(ini_get("holdfast.audit")), "lifetime") === 2);',
            $settings + ['session.gc_maxlifetime' => 1]
        );
        self::assertSame(['create/first_write', 'expire/lifetime'], AuditLog::words($log->news()));
    }

    public function testACollectionTellsWhatItRemoves(): void
    {
        $result = $this->passes('
            ini_set("session.gc_maxlifetime", "1");
            $ids = [];
            for ($n = 0; $n < 5; ++$n) {
                session_start();
                $_SESSION["n"] = $n;
                $ids[] = session_id();
                session_write_close();
                session_id("");
            }
            ' . self::WAIT . '
            ini_set("session.gc_maxlifetime", "1000");
            session_start();
            assert(session_gc() === 5);
            assert(substr_count(file_get_contents(ini_get("holdfast.audit")), "lifetime") === 5, "at once");
            echo implode("\n", $ids), "\n";
        ');
        $ids = array_slice(explode("\n", $result->output), 0, 5);
        $events = $this->log()->news();
        self::assertSame(
            [...array_fill(0, 5, 'create/first_write'), ...array_fill(0, 5, 'expire/lifetime')],
            AuditLog::words($events)
        );
        $expected = array_map(static fn (string $id): string => AuditLog::name('PHPSESSID', $id), $ids);
        $told = array_column(array_slice($events, 5), 'session');
        self::assertEqualsCanonicalizing($expected, $told);
    }

    /** @dataProvider fullStores */
    public function testWhatGaveWayToAFullStoreIsTold(string $store, string $face): void
    {
        $write = [
            'Session' => '$session = new Session(["cookie_name" => "c$n"]); $session->fill = $fill; $session->save();',
            '$_SESSION' => 'session_id("chosen$n"); session_start(); $_SESSION["fill"] = $fill; session_write_close();',
        ];
        $result = $this->passes(
            '$fill = str_repeat("x", 50000); for ($n = 0; $n < 60; ++$n) { ' . $write[$face] . ' } phpinfo(INFO_MODULES);',
            ['holdfast.store' => self::STORES[$store] ?: $this->store('?size=1M')]
        );
        self::assertSame(1, preg_match('/^Guests that gave way to a full store => (\d+)$/m', $result->output, $found));
        $evicted = (int) $found[1];
        self::assertGreaterThan(10, $evicted);
        self::assertStringContainsString("Audit events of this process that could not be written => 0\n", $result->output);

        $events = $this->log()->news();
        $sessions = ['create' => [], 'evict' => []];
        foreach ($events as $event) {
            $sessions[$event['event']][] = $event['session'];
        }
        self::assertCount(60, $sessions['create']);
        self::assertCount($evicted, $sessions['evict']);
        if ($store === 'memory') {
            self::assertSame(array_slice($sessions['create'], 0, $evicted), $sessions['evict'], 'in the order of their use');
        }
        self::assertSame([], array_diff($sessions['evict'], $sessions['create']));
        self::assertCount($evicted, array_unique($sessions['evict']));
        $reason = $face === 'Session' ? 'create/first_write' : 'create/chosen_id';
        self::assertEqualsCanonicalizing([$reason, 'evict/full_store'], array_unique(AuditLog::words($events)));
        self::assertArrayNotHasKey('address', $events[0], 'a command line has none');
    }

    /** @return iterable<string, array{string, string}> */
    public static function fullStores(): iterable
    {
        foreach (array_keys(self::STORES) as $store) {
            yield "$store, Session" => [$store, 'Session'];
            yield "$store, \$_SESSION" => [$store, '$_SESSION'];
        }
    }

    /** There is a line for each of the last 1024, and one for all the others. */
    public function testOfMoreThanThereIsTimeForTheNumberIsTold(): void
    {
        $this->passes('
            ini_set("session.gc_maxlifetime", "2");
            $begun = microtime(true);
            for ($n = 0; $n < 1100; ++$n) {
                session_id("chosen$n");
                session_start();
                $_SESSION["n"] = $n;
                session_write_close();
            }
            assert(microtime(true) - $begun < 2);
            ' . str_replace('1.1', '2.1', self::WAIT) . '
            ini_set("session.gc_maxlifetime", "1000");
            session_start();
            assert(session_gc() === 1100);
        ');
        $events = array_slice($this->log()->news(), 1100);
        self::assertSame('expire/more', AuditLog::words($events)[0]);
        self::assertSame(['time', 'event', 'reason', 'count'], array_keys($events[0]));
        self::assertSame(1100 - 1024, $events[0]['count']);
        self::assertSame(array_fill(0, 1024, 'expire/lifetime'), array_slice(AuditLog::words($events), 1));
        self::assertCount(1024, array_unique(array_column($events, 'session')));
    }

    /** The memory of a session that was ended or has moved gives way like a guest, and is no session. */
    public function testTheMemoryOfAnEndedSessionLeavesWithoutALine(): void
    {
        $this->passes(
            'for ($n = 0; $n < 20; ++$n) {
                $session = new Session(["cookie_name" => "ended$n"]);
                $session->a = 1;
                $session->save();
                $session->destroy();
            }
            $fill = str_repeat("x", 50000);
            for ($n = 0; $n < 60; ++$n) {
                $session = new Session(["cookie_name" => "c$n"]); $session->fill = $fill; $session->save();
            }
            phpinfo(INFO_MODULES);',
            ['holdfast.store' => self::STORES['memory']]
        );
        $sessions = ['create' => [], 'destroy' => [], 'evict' => []];
        foreach ($this->log()->news() as $event) {
            $sessions[$event['event']][] = $event['session'];
        }
        self::assertCount(20, $sessions['destroy']);
        self::assertCount(80, $sessions['create']);
        self::assertNotSame([], $sessions['evict']);
        self::assertSame([], array_intersect($sessions['destroy'], $sessions['evict']));
    }

    /** Another serializer's data that PHP can't decode: PHP ends the session, not the application. */
    public function testASessionThatPhpCannotDecode(): void
    {
        $settings = ['session.serialize_handler' => 'php'];
        $result = $this->cli($settings)->run('
            final class Damaging extends SessionHandler
            {
                public function write(string $id, string $data): bool
                {
                    return parent::write($id, "a|O:1");
                }
            }
            session_set_save_handler(new Damaging());
            session_start();
            $_SESSION["a"] = 1;
            session_write_close();
            session_start();
            echo "ended";
            session_destroy();
        ');
        self::assertStringContainsString('Failed to decode session object. Session has been destroyed', $result->errors);
        self::assertSame('ended', $result->output);
        self::assertSame(['create/first_write', 'destroy/undecodable'], AuditLog::words($this->log()->news()));
    }
}
