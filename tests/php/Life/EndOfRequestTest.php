<?php

declare(strict_types=1);

namespace Holdfast\Tests\Life;

use Holdfast\Tests\HoldfastTestCase;

/**
 * Issue 2: the commit happens at the end of the request, from request-global state, after destructors and shutdown
 * functions, however the script ends.
 */
final class EndOfRequestTest extends HoldfastTestCase
{
    /** @dataProvider endings */
    public function testWhatWasSetIsSaved(string $ending, string $expected): void
    {
        $written = $this->cli(['memory_limit' => '32M'])->run(<<<PHP
            function writeId(Session \$session): void { file_put_contents(__DIR__ . '/id', \$session->getId()); }
            \$session = new Session();
            \$session->a = 1;
            writeId(\$session);
            $ending
            PHP);
        $id = file_get_contents($this->directory() . '/id');
        self::assertIsString($id);
        self::assertMatchesRegularExpression(self::ID, $id, (string) $written);
        $this->passes("\$session = new Session(['id' => '$id']);
            assert(\$session->getAll() === $expected, json_encode(\$session->getAll()));");
    }

    /** @return array<string, array{string, string}> */
    public static function endings(): array
    {
        return [
            'the end of the script' => ['', '["a" => 1]'],
            'exit' => ['$session->b = 2; exit(3);', '["a" => 1, "b" => 2]'],
            'exit in a function' => ['(function () use ($session) { $session->b = 2; exit; })();', '["a" => 1, "b" => 2]'],
            'an uncaught exception' => ['$session->b = 2; throw new Exception("uncaught");', '["a" => 1, "b" => 2]'],
            'an uncaught error' => ['$session->b = 2; nothing();', '["a" => 1, "b" => 2]'],
            'a fatal error' => ['$session->b = 2; trigger_error("fatal", E_USER_ERROR);', '["a" => 1, "b" => 2]'],
            'memory at its end' => ['$session->b = 2; $x = str_repeat("x", 1 << 30);', '["a" => 1, "b" => 2]'],
            'time at its end' => ['$session->b = 2; set_time_limit(1); while (true) {}', '["a" => 1, "b" => 2]'],
            'a shutdown function' => [
                'register_shutdown_function(static function () use ($session) { $session->b = 2; });',
                '["a" => 1, "b" => 2]',
            ],
            'a shutdown function after a fatal error' => [
                'register_shutdown_function(static function () { Session::current()->b = 2; }); nothing();',
                '["a" => 1, "b" => 2]',
            ],
            'a destructor' => [
                'class Late { function __destruct() { Session::current()->b = 2; } } $late = new Late();',
                '["a" => 1, "b" => 2]',
            ],
            'a destructor that holds the session' => [
                'class Late { function __construct(private Session $s) {} function __destruct() { $this->s["b"] = 2; } }
                 $late = new Late($session); unset($session);',
                '["a" => 1, "b" => 2]',
            ],
            'a destructor of a static' => [
                'class Late { static $it; function __destruct() { Session::current()->list[] = 2; } }
                 Late::$it = new Late();',
                '["a" => 1, "list" => [2]]',
            ],
            'a destructor of a cycle' => [
                'class Late { public $me; function __destruct() { Session::current()->b = 2; } }
                 $late = new Late(); $late->me = $late; unset($late);',
                '["a" => 1, "b" => 2]',
            ],
            'an output callback' => [
                'ob_start(static function (string $out): string { Session::current()->b = 2; return $out; }); echo "x";',
                '["a" => 1, "b" => 2]',
            ],
            'a handle that was given up' => ['$session->b = 2; unset($session); gc_collect_cycles();', '["a" => 1, "b" => 2]'],
            'a handle in a cycle' => [
                '$o = new stdClass(); $o->o = $o; $o->s = $session; $session->b = 2; unset($o, $session); gc_collect_cycles();',
                '["a" => 1, "b" => 2]',
            ],
        ];
    }

    public function testAThrowingErrorHandlerDoesNotPreventTheCommit(): void
    {
        $written = $this->cli()->run(<<<'PHP'
            $session = new Session();
            $session->good = 1;
            $session->bad = ['closure' => static fn () => 1];
            file_put_contents(__DIR__ . '/id', $session->getId());
            set_error_handler(static function (int $level, string $text): never { throw new ErrorException($text); });
            PHP);
        self::assertStringContainsString('bad', $written->errors);
        $id = file_get_contents($this->directory() . '/id');
        $this->passes("\$session = new Session(['id' => '$id']); assert(\$session->getAll() === ['good' => 1]);");
    }

    /** S25 */
    public function testNothingIsSavedWhereNothingWasChanged(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $session->get('a');
            isset($session->b);
            foreach ($session as $value) {}
            $session->remove('c');
            unset($session['d']);
            assert($session->getId() === '');
            PHP);
        $figures = $this->passes('phpinfo(INFO_MODULES);')->output;
        self::assertStringContainsString("Records => 0\n", $figures);
        self::assertStringContainsString("Commits => 0\n", $figures);
    }
}
