<?php

declare(strict_types=1);

namespace Holdfast\Tests\SaveHandler;

use Holdfast\Tests\Diagnoses;

/**
 * Code of the application that calls session functions in the midst of session functions: in a handler that wraps ours, in
 * an error handler, while objects are built. Whatever comes of it, PHP does not crash, the process does not hang, and the
 * store is usable afterwards. What crashes PHP with its own `files` too is not counted,
 * nor what a debug build of PHP leaks with them as well.
 */
final class HostileCodeTest extends HandlerCliTestCase
{
    private const CALLS = [
        'session_start()', 'session_write_close()', 'session_abort()', 'session_reset()', 'session_destroy()', 'session_unset()',
        'session_regenerate_id()', 'session_regenerate_id(true)', 'session_create_id()', 'session_encode()', 'session_decode("x")',
        'session_gc()', 'session_id("other")', 'session_name("OTHER")', 'session_set_save_handler(new SessionHandler())',
        'session_module_name("files")', '(new SessionHandler())->read("x")', '(new SessionHandler())->close()',
        '(new SessionHandler())->destroy(session_id())', '(new Session())->set("a", 1)', 'throw new Exception("hostile")', 'exit(0)',
    ];

    private const LIFE = 'session_start(); $_SESSION["n"] = 1; $_SESSION["o"] = new ArrayObject([1]); session_write_close(); session_start();
        $_SESSION["n"] = 2; session_regenerate_id(true); $_SESSION["m"] = 3; session_write_close(); session_start(); session_gc();
        session_create_id(); session_reset(); $_SESSION["n"] = 4; session_destroy(); session_start(); $_SESSION["n"] = 5;';

    /** @dataProvider calls */
    public function testInAHandlerThatWrapsOurs(string $call): void
    {
        foreach (['open', 'close', 'read', 'write', 'destroy', 'gc', 'create_sid'] as $method) {
            foreach (['before', 'after'] as $when) {
                $this->survives(
                    "class Hostile extends SessionHandler {
                        private static int \$depth = 0;
                        private function hostile(string \$method, string \$when): void {
                            if (\$method === '$method' && \$when === '$when' && self::\$depth < 3) { ++self::\$depth; try { $call; } finally { --self::\$depth; } }
                        }
                        public function open(string \$p, string \$n): bool { \$this->hostile('open', 'before'); \$r = parent::open(\$p, \$n); \$this->hostile('open', 'after'); return \$r; }
                        public function close(): bool { \$this->hostile('close', 'before'); \$r = parent::close(); \$this->hostile('close', 'after'); return \$r; }
                        public function read(string \$id): string|false { \$this->hostile('read', 'before'); \$r = parent::read(\$id); \$this->hostile('read', 'after'); return \$r; }
                        public function write(string \$id, string \$d): bool { \$this->hostile('write', 'before'); \$r = parent::write(\$id, \$d); \$this->hostile('write', 'after'); return \$r; }
                        public function destroy(string \$id): bool { \$this->hostile('destroy', 'before'); \$r = parent::destroy(\$id); \$this->hostile('destroy', 'after'); return \$r; }
                        public function gc(int \$s): int|false { \$this->hostile('gc', 'before'); \$r = parent::gc(\$s); \$this->hostile('gc', 'after'); return \$r; }
                        public function create_sid(): string { \$this->hostile('create_sid', 'before'); \$r = parent::create_sid(); \$this->hostile('create_sid', 'after'); return \$r; }
                    }
                    session_set_save_handler(new Hostile());" . self::LIFE,
                    "$call $when $method"
                );
            }
        }
        $this->worksAfterwards();
    }

    /** @dataProvider calls */
    public function testInAnErrorHandler(string $call): void
    {
        $handler = "set_error_handler(function () { static \$depth = 0; if (\$depth++ < 3) { $call; } return true; });";
        $this->survives("$handler session_start(); \$_SESSION['bad'] = fn () => 1; \$_SESSION['good'] = 1; session_write_close(); session_start(); \$_SESSION['bad'] = fn () => 2;", "$call, a closure");
        $this->survives("$handler session_start(); session_decode('garbage'); session_start();", "$call, garbage");
        $this->survives("$handler session_start(); \$_SESSION['r'] = [fopen('php://memory', 'r')]; session_encode();", "$call, a resource");
        $this->survives("$handler ini_set('session.save_path', 'nonsense://x'); session_start(); ini_set('session.save_path', ''); session_start();", "$call, no store");
        $this->worksAfterwards();
    }

    /** @dataProvider calls */
    public function testWhileObjectsAreBuilt(string $call): void
    {
        $class = "class Hostile { public static int \$depth = 0; public \$a = 1;
            public function __wakeup(): void { if (self::\$depth++ < 3) { $call; } }
            public function __destruct() { if (self::\$depth++ < 3) { $call; } } }";
        $this->survives("$class session_start(); \$_SESSION['a'] = new Hostile(); \$_SESSION['b'] = [new Hostile()]; session_write_close();
            session_start(); \$_SESSION['c'] = 1; session_reset(); session_write_close(); session_start(); \$_SESSION = [];", $call);
        $this->worksAfterwards();
    }

    /** @return array<string, array{string}> */
    public static function calls(): array
    {
        return array_combine(self::CALLS, array_map(static fn (string $call): array => [$call], self::CALLS));
    }

    private function survives(string $code, string $what): void
    {
        // Not left to chance, so that both do the same.
        $always = ['session.gc_probability' => 1, 'session.gc_divisor' => 1];
        $result = $this->cli($always)->run($code);
        $isAlive = in_array($result->exitCode, [0, 255], true);
        $leaks = Diagnoses::leaks($result->errors);
        if ($isAlive && $leaks === 0) {
            $this->addToAssertionCount(1);
            return;
        }
        $files = $always + ['session.save_handler' => 'files', 'session.serialize_handler' => 'php_serialize', 'session.save_path' => $this->directory()];
        $ofPhp = $this->cli($files)->run($code);
        if (!$isAlive) {
            self::assertNotContains($ofPhp->exitCode, [0, 255], "$what: a crash that PHP alone does not have\n$result");
        }
        self::assertLessThanOrEqual(Diagnoses::leaks($ofPhp->errors), $leaks, "$what: leaks that PHP alone does not have\n$result");
        Diagnoses::excuse($result->errors);
        Diagnoses::excuse($ofPhp->errors);
    }

    private function worksAfterwards(): void
    {
        $id = $this->write('$_SESSION["n"] = 1;');
        $this->read($id, 'assert($_SESSION === ["n" => 1]);');
    }
}
