<?php

declare(strict_types=1);

namespace Holdfast\Tests\Audit;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\HoldfastTestCase;
use Holdfast\Tests\MemoryLimit;
use Holdfast\Tests\Server\FpmBehindNginx;
use Holdfast\Tests\Wait;

/**
 * Where `holdfast.audit` leads, and what happens when that can't be written.
 */
final class DestinationsTest extends HoldfastTestCase
{
    private const WRITE = '$session = new Session(["cookie_name" => "c" . ++$n]); $session->a = 1; $session->save();';

    private ?FpmBehindNginx $site = null;

    protected function tearDown(): void
    {
        $this->site?->stop();
        $this->site = null;
        parent::tearDown();
    }

    private function site(string $target): FpmBehindNginx
    {
        return $this->site = new FpmBehindNginx([
            'holdfast.store' => $this->store(),
            'holdfast.audit' => $target,
            'session.save_handler' => 'holdfast',
            'session.serialize_handler' => 'holdfast',
        ]);
    }

    private function path(string $name): string
    {
        return $this->directory() . "/$name";
    }

    public function testTheFileIsItsUsersAlone(): void
    {
        $log = $this->path('audit.log');
        $this->passes('umask(0); $n = 0;' . self::WRITE, ['holdfast.audit' => $log]);
        self::assertSame(0600, fileperms($log) & 07777);
        self::assertCount(1, (new AuditLog($log))->news());
    }

    public function testOffMeansThatNothingIsWritten(): void
    {
        $this->passes('$n = 0;' . self::WRITE . 'phpinfo(INFO_MODULES);');
        self::assertSame([], glob($this->path('*.log')));
    }

    /** Those that are saved at once, as well. */
    public function testTheFirstAtomicChangeCreatesASession(): void
    {
        $log = $this->path('audit.log');
        $this->passes(
            '$one = new Session(); $one->increment("n", 1); $one->increment("n", 1);
            $two = new Session(["cookie_name" => "two"]); $two->push("list", 1); $two->push("list", 2);',
            ['holdfast.audit' => $log]
        );
        self::assertSame(['create/first_write', 'create/first_write'], AuditLog::words((new AuditLog($log))->news()));
    }

    public function testAScriptCannotSwitchItOff(): void
    {
        $log = $this->path('audit.log');
        $this->passes('assert(ini_set("holdfast.audit", "") === false); $n = 0;' . self::WRITE, ['holdfast.audit' => $log]);
        self::assertCount(1, (new AuditLog($log))->news());
    }

    public function testABadSettingIsNamed(): void
    {
        $result = $this->cli(['holdfast.audit' => 'audit.log'])->run('$n = 0;' . self::WRITE . 'echo "goes on";');
        self::assertStringContainsString('holdfast.audit must be empty, syslog, or the absolute path of a file', $result->errors);
        self::assertSame('goes on', $result->output);
    }

    /** @dataProvider unwritable */
    public function testAScriptGoesOnWhereNothingCanBeWritten(string $target, string $reason): void
    {
        $target = strtr($target, ['{directory}' => $this->directory()]);
        symlink($this->path('elsewhere'), $this->path('link'));
        $result = $this->cli(['holdfast.audit' => $target])->run(
            '$n = 0;' . str_repeat(self::WRITE, 3) . 'phpinfo(INFO_MODULES); echo "goes on";'
        );
        self::assertStringEndsWith('goes on', $result->output);
        self::assertSame(0, $result->exitCode);
        self::assertSame(1, substr_count($result->errors, 'Warning'), $result->errors);
        $path = str_replace('syslog:', '', $target);
        self::assertStringContainsString("audit events can't be written to $path: $reason", $result->errors);
        self::assertStringContainsString("Audit events of this process that could not be written => 3\n", $result->output);
        self::assertFileDoesNotExist($this->path('elsewhere'));
    }

    /** @return array<string, array{string, string}> */
    public static function unwritable(): array
    {
        return [
            'no such directory' => ['{directory}/not/there/audit.log', 'No such file or directory'],
            'a directory' => ['{directory}', 'Is a directory'],
            'a symbolic link' => ['{directory}/link', 'Too many levels of symbolic links'],
            'a device' => ['/dev/null', 'it is not a regular file'],
            'no syslog daemon' => ['syslog:{directory}/log', 'No such file or directory'],
        ];
    }

    /** ext/session closes its session after all other extensions have ended theirs. */
    public function testPhpsOwnSessionTellsOfAFailureAtTheEndOfTheScript(): void
    {
        $settings = ['holdfast.audit' => '/not/there', 'session.save_handler' => 'holdfast', 'session.use_cookies' => 0];
        $result = $this->cli($settings)->run('session_start(); $_SESSION["a"] = 1; echo "goes on";');
        self::assertSame('goes on', $result->output);
        self::assertSame(1, substr_count($result->errors, "audit events can't be written"), $result->errors);
    }

    /** A second later it is tried again, and fails again. */
    public function testAProcessWarnsOnce(): void
    {
        $settings = ['holdfast.audit' => '/not/there', 'session.save_handler' => 'holdfast', 'session.use_cookies' => 0];
        $write = 'session_id("chosen" . ++$n); session_start(); $_SESSION["a"] = 1; session_write_close();';
        $wait = '$end = microtime(true) + 1.1; while (microtime(true) < $end) { usleep(10000); }';
        $result = $this->cli($settings)->run("\$n = 0; $write $wait $write phpinfo(INFO_MODULES);");
        self::assertSame(1, substr_count($result->errors, "audit events can't be written"), $result->errors);
        self::assertStringContainsString("Audit events of this process that could not be written => 2\n", $result->output);
    }

    /** What PHP would have to make for a line it makes while there is memory. */
    public function testAScriptThatDiesOfItsMemoryLimitLeavesItsSessionAndItsLine(): void
    {
        MemoryLimit::isNeeded();
        $log = $this->path('audit.log');
        $result = $this->cli(['holdfast.audit' => $log, 'memory_limit' => '8M'])->run('
            $session = new Session();
            $session->a = 1;
            echo $session->getId();
            for ($fill = []; ;) { $fill[] = str_repeat("x", 1000); }
        ');
        self::assertStringContainsString('Allowed memory size', $result->errors);
        self::assertMatchesRegularExpression(self::ID, $result->output);
        $events = (new AuditLog($log))->news();
        self::assertSame([AuditLog::name('holdfast', $result->output)], array_column($events, 'session'));
        $this->passes("\$session = new Session(['id' => '{$result->output}']); assert(\$session->a === 1);");
    }

    /** An error handler that throws is the application's affair: everything is saved by then. */
    public function testAThrowingErrorHandlerCostsNothingThatWasSaved(): void
    {
        $result = $this->cli(['holdfast.audit' => '/not/there'])->run('
            set_error_handler(static function (): never { throw new Exception("thrown"); });
            $session = new Session();
            $session->a = 1;
            echo $session->getId();
        ');
        self::assertStringContainsString('thrown', $result->errors);
        self::assertMatchesRegularExpression(self::ID, $result->output);
        $this->passes("\$session = new Session(['id' => '{$result->output}']); assert(\$session->a === 1);");
    }

    public function testPagesGoOnAndEachWorkerWarnsOnce(): void
    {
        $site = $this->site($this->path('not/there/audit.log'));
        $workers = [];
        for ($n = 0; $n < 40; ++$n) {
            foreach (['/count.php', '/superglobal-count.php'] as $page) {
                $response = (new Browser($site->url()))->get($page);
                self::assertTrue($response->isAcknowledged(), (string) $response);
                $workers[json_decode($response->body, true)['worker']] = true;
            }
        }
        // nginx logs the same once more, in other words.
        $warnings = static fn (): int => preg_match_all("/^NOTICE: .*audit events can't be written/m", $site->log());
        Wait::until(static fn (): bool => $warnings() >= count($workers), 'each worker has warned', $site->log(...));
        self::assertSame(count($workers), $warnings(), $site->log());

        // Once it can be written, the same workers do.
        mkdir($this->path('not/there'), recursive: true);
        Wait::until(function () use ($site): bool {
            (new Browser($site->url()))->get('/count.php');
            return is_file($this->path('not/there/audit.log'));
        }, 'events are written', $site->log(...));
    }

    public function testAFileThatWasRenamedIsOpenedAnewAndNothingIsLost(): void
    {
        $log = new AuditLog($this->path('audit.log'));
        $site = $this->site($log->path);
        $created = 0;
        $create = static function () use ($site, &$created): void {
            self::assertTrue((new Browser($site->url()))->get('/count.php')->isAcknowledged());
            ++$created;
        };
        for ($n = 0; $n < 20; ++$n) {
            $create();
        }
        rename($log->path, $log->path . '.1');
        Wait::until(static function () use ($create, $log): bool {
            $create();
            return is_file($log->path);
        }, 'the file is made anew', $site->log(...));
        for ($n = 0; $n < 20; ++$n) {
            $create();
        }
        $sessions = [];
        foreach ([$log->path . '.1', $log->path] as $path) {
            $events = AuditLog::parse((string) file_get_contents($path));
            array_push($sessions, ...array_column($events, 'session'));
        }
        self::assertCount($created, $sessions);
        self::assertCount($created, array_unique($sessions));
        self::assertStringNotContainsString('audit', $site->log());
    }

    public function testManyProcessesShareOneFileLineByLine(): void
    {
        $log = $this->path('audit.log');
        $results = $this->cli(['holdfast.audit' => $log])->runTogether(
            8,
            'for ($n = 0; $n < 200;) { ' . self::WRITE . ' } echo "done";'
        );
        foreach ($results as $result) {
            self::assertSame('done', $result->output, (string) $result);
        }
        $events = (new AuditLog($log))->news();
        self::assertCount(1600, array_unique(array_column($events, 'session')));
    }

    public function testSyslogGetsTheSameLinesUnderItsIdent(): void
    {
        $socket = $this->path('log');
        $daemon = stream_socket_server("udg://$socket", $code, $text, STREAM_SERVER_BIND);
        self::assertNotFalse($daemon, $text);
        stream_set_timeout($daemon, 10);
        $result = $this->passes(
            'openlog("application", 0, LOG_USER); $n = 0;' . self::WRITE . 'echo getmypid(), " ", $session->getId(), "\n";',
            ['holdfast.audit' => "syslog:$socket"]
        );
        [$process, $id] = explode(' ', strtok($result->output, "\n"));
        $message = (string) stream_socket_recvfrom($daemon, 1000);
        fclose($daemon);
        self::assertMatchesRegularExpression(
            "/^<38>[A-Z][a-z]{2} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d holdfast\\[$process\\]: (\\{.*\\})\$/D",
            $message
        );
        $event = json_decode(substr($message, (int) strpos($message, '{')), true, flags: JSON_THROW_ON_ERROR);
        self::assertSame(['create', 'first_write', AuditLog::name('c1', $id)], [$event['event'], $event['reason'], $event['session']]);
    }
}
