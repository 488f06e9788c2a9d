<?php

declare(strict_types=1);

namespace Holdfast\Tests\Sapi;

/**
 * However a request of a worker's script ends: what it changed is saved, and nothing of it is in the next one.
 */
final class WaysOutTest extends WorkerTestCase
{
    /** @return iterable<string, array{string}> */
    public static function workers(): iterable
    {
        foreach (['frankenphp', 'reloading', 'bare'] as $mode) {
            yield $mode => [$mode];
        }
    }

    /** @dataProvider workers */
    public function testARedirectSavesAndEndsTheScript(string $mode): void
    {
        $code = <<<'PHP'
            $session->thing = new ArrayObject([$_GET['do']]);
            if ($_GET['do'] === 'go') {
                $session->message('saved');
                $session->redirect('/there');
            }
            PHP;
        $visitor = new Visitor($this->worker($mode, $code));
        $visitor->ask('/?do=stay');
        $visitor->ask('/?do=go');
        self::assertContains('Location: /there', $visitor->last->headers);
        $next = new Visitor($this->worker($mode, 'echo json_encode([$session->thing, count($session->messages())]);'));
        self::assertSame('[null,0]', $next->ask('/'));
        $next->cookies = $visitor->cookies;
        self::assertSame('[{"0":"go"},1]', $next->ask('/'));
    }

    /** @dataProvider workers */
    public function testAnExceptionOfTheRequestGoesOnItsWay(string $mode): void
    {
        $code = <<<'PHP'
            echo $session->name;
            $session->name = $_GET['name'];
            $session->thing = new ArrayObject([1]);
            if ($_GET['name'] === 'Ann') {
                throw new DomainException('of the application');
            }
            PHP;
        $server = $this->worker($mode, $code, loop: <<<'PHP'
            do {
                try {
                    $goesOn = next_request($handler);
                } catch (DomainException $thrown) {
                    file_put_contents('php://stderr', "caught one {$thrown->getMessage()};");
                    $goesOn = true;
                }
            } while ($goesOn);
            PHP);
        [$a, $b] = [new Visitor($server), new Visitor($server)];
        self::assertSame('', $a->ask('/?name=Ann'));
        self::assertSame('', $b->ask('/?name=Bob'));
        self::assertSame('Ann', $a->ask('/?name=Ann'));
        self::assertSame('Bob', $b->ask('/?name=Bob'));
        self::assertSame(str_repeat('caught one of the application;', 2), $this->stop($server));
    }

    /** @dataProvider workers */
    public function testAnErrorHandlerThatThrowsDoesNotEndTheWorker(string $mode): void
    {
        $code = <<<'PHP'
            echo $session->name;
            $session->name = $_GET['name'];
            if ($_GET['name'] === 'Ann') {
                $session->bad = new class { public function __serialize(): array { throw new LogicException('no'); } };
            }
            PHP;
        $server = $this->worker($mode, $code, <<<'PHP'
            set_error_handler(static function (int $kind, string $text): never {
                throw new ErrorException("thrown: $text");
            });
            PHP);
        [$a, $b] = [new Visitor($server), new Visitor($server)];
        $a->ask('/?name=Ann');
        self::assertSame('', $b->ask('/?name=Bob'));
        self::assertSame('Ann', $a->ask('/?name=Amy'));
        self::assertSame('Bob', $b->ask('/?name=Bob'));
        self::assertStringContainsString('threw ErrorException: thrown:', $this->stop($server));
    }

    /** @dataProvider workers */
    public function testAFatalErrorWhileASessionIsSavedEndsTheScript(string $mode): void
    {
        $server = $this->worker($mode, <<<'PHP'
            echo $session->name;
            $session->name = $_GET['name'];
            if ($_GET['name'] === 'Amy') {
                $session->bad = new Greedy();
            }
            PHP, <<<'PHP'
            final class Greedy
            {
                public function __serialize(): array
                {
                    return [str_repeat('x', 1 << 30)];
                }
            }
            PHP, settings: ['memory_limit' => '64M', 'holdfast.locking' => 'on', 'holdfast.lock_wait' => 1]);
        $a = new Visitor($server);
        $a->ask('/?name=Ann');
        self::assertSame('Ann', $a->ask('/?name=Amy'));
        self::assertStringContainsString('Allowed memory size', $this->stop($server));
        $next = new Visitor($this->worker($mode, 'echo $session->name;', settings: ['holdfast.lock_wait' => 0]));
        $next->cookies = $a->cookies;
        self::assertSame('Ann', $next->ask('/'), 'as it was saved last; and the lock is free');
    }

    /** @dataProvider workers */
    public function testObjectsOfOneRequestEndWithItWithTheirHooks(string $mode): void
    {
        $server = $this->worker($mode, <<<'PHP'
            $session = new Mine();
            $session->addHookAfter('logout', static function (): void {
                echo 'hooked ';
            });
            $session->setUserProvider($users = new class implements Holdfast\UserProvider {
                public function findByName(string $name): ?Holdfast\User { return null; }
                public function findById(int|string $id): ?Holdfast\User { return null; }
                public function verifyPassword(?Holdfast\User $user, string $password): bool { return false; }
            });
            echo json_encode($session->seen), ' ', get_class(Session::current()), ' ';
            $session->logout();
            $session->name = $_GET['name'];
            PHP, <<<'PHP'
            final class Mine extends Session
            {
                public function __destruct()
                {
                    $this->seen = "$this->name was here";
                }
            }
            PHP, session: '');
        [$a, $b] = [new Visitor($server), new Visitor($server)];
        for ($round = 0; $round < 3; ++$round) {
            $seen = static fn (string $name): string => '"' . $name . ' was here"';
            // logout() leaves nothing of the session before.
            self::assertSame(($round === 0 ? 'null' : $seen('Ann')) . ' Mine hooked ', $a->ask('/?name=Ann'));
            self::assertSame(($round === 0 ? 'null' : $seen('Bob')) . ' Mine hooked ', $b->ask('/?name=Bob'));
        }
        $this->endInPeace($server);
    }

    /** @dataProvider workers */
    public function testEachRequestIsToldToTheAuditLog(string $mode): void
    {
        $log = $this->directory() . '/audit';
        $server = $this->worker($mode, 'echo json_encode($session->name);', settings: ['holdfast.audit' => $log]);
        foreach ([1, 2, 3] as $time) {
            self::assertSame('null', $server->ask('GET', '/', 'holdfast=' . str_repeat('A', 43))->body);
            self::assertCount($time, file($log));
        }
        $this->endInPeace($server);
    }

    /** @dataProvider workers */
    public function testTheWorkerCacheStaysSmallAndRight(string $mode): void
    {
        $server = $this->worker($mode, <<<'PHP'
            echo json_encode($session->rows);
            session_start();
            echo json_encode($_SESSION['rows'] ?? null), "\n";
            if (isset($_GET['rows'])) {
                $_SESSION['rows'] = $session->rows = array_map(static fn (int $n): array => [$n, str_repeat('x', 50)], range((int) $_GET['rows'], $_GET['rows'] + 40));
            }
            ob_start();
            phpinfo(INFO_MODULES);
            preg_match('/Worker cache: bytes\D+(\d+)/', ob_get_clean(), $found);
            echo $found[1];
            PHP, settings: ['holdfast.worker_cache' => '64K']);
        $visitors = array_map(static fn (): Visitor => new Visitor($server), range(0, 9));
        $rows = array_fill(0, 10, null);
        $most = 0;
        for ($request = 0; $request < 300; ++$request) {
            $at = $request * 7 % 10;
            [$shown, $bytes] = explode("\n", $visitors[$at]->ask($request % 3 === 0 ? "/?rows=$request" : '/'));
            self::assertSame(json_encode($rows[$at]) . json_encode($rows[$at]), $shown, "request $request");
            $most = max($most, (int) $bytes);
            if ($request % 3 === 0) {
                $rows[$at] = array_map(static fn (int $n): array => [$n, str_repeat('x', 50)], range($request, $request + 40));
            }
        }
        self::assertGreaterThan(65536, $most, 'the cache was full');
        self::assertLessThanOrEqual(2 * 65536, $most);
        $this->endInPeace($server);
    }

    /**
     * A server whose script runs $code for each request, with $session, which it keeps.
     *
     * @param array<string, string|int> $settings
     */
    private function worker(string $mode, string $code, string $before = '', string $loop = 'while (next_request($handler)) {}', string $session = '$session = Kept::$session ??= new Session();', array $settings = []): WorkerServer
    {
        $script = $this->directory() . '/' . bin2hex(random_bytes(4)) . '.php';
        file_put_contents($script, <<<PHP
            <?php
            $before
            final class Kept { public static ?Session \$session = null; }
            \$handler = static function (): void {
                ob_start();
                $session
                $code
            };
            $loop
            PHP);
        return $this->server($mode, $settings, $script);
    }
}
