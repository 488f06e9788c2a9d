<?php

declare(strict_types=1);

namespace Holdfast\Tests\ExpressionEngine;

use Holdfast\Tests\HoldfastTestCase;

use const Holdfast\Tests\TESTS;

/**
 * Issue 5: ee() in applications that have none: what is at hand by it, and where it stays away.
 */
final class FacadeTest extends HoldfastTestCase
{
    private const THROWN = <<<'PHP'
        function thrown(callable $call): string
        {
            try {
                $call();
            } catch (Holdfast\Exception\HoldfastException $thrown) {
                return substr(strrchr($thrown::class, '\\'), 1) . ': ' . $thrown->getMessage();
            }
            return 'nothing';
        }
        PHP;

    public function testTheSessionIsThatOfTheRequestAndMadeWhenItIsAskedFor(): void
    {
        $this->passesWithEe(<<<'PHP'
            assert(ee() === ee());
            assert(isset(ee()->session) && ee()->has('session'));
            $own = new Session(['cookie_name' => 'mine']);
            assert(ee()->session === $own, 'the first session of the request is the one');
            assert(ee()->session === ee()->get('session') && ee()->session === Session::current());
            ee()->session->set('a', 1);
            assert($own->a === 1);
            PHP);
        $this->passesWithEe(<<<'PHP'
            $session = ee()->session;
            assert($session instanceof Holdfast\Session && $session === Session::current());
            PHP);
    }

    public function testAnApplicationSetsASessionOfItsOwn(): void
    {
        $this->passesWithEe(self::THROWN . <<<'PHP'
            $first = new Session();
            $own = new class (['cookie_name' => 'mine']) extends Session {};
            ee()->set('session', $own);
            assert(ee()->session === $own && Session::current() === $first);
            ee()->remove('session');
            assert(ee()->session === $first);
            assert(thrown(fn () => ee()->set('session', new stdClass()))
                === 'InvalidArgument: ee()->session must be a Holdfast\Session, and not of the type stdClass.');
            assert(ee()->session === $first);
            PHP);
    }

    public function testAnApplicationAddsWhatItHas(): void
    {
        $this->passesWithEe(self::THROWN . <<<'PHP'
            $db = new stdClass();
            assert(!isset(ee()->db) && !ee()->has('db'));
            assert(thrown(fn () => ee()->db)
                === "InvalidArgument: ee() has no 'db': it has functions, session. Add it by ee()->set('db', ...).");
            ee()->set('db', $db);
            ee()->set('nothing', null);
            assert(ee()->db === $db && ee()->get('db') === $db && isset(ee()->db));
            assert(ee()->nothing === null && ee()->has('nothing'));
            assert(thrown(fn () => ee()->get('bd'))
                === "InvalidArgument: ee() has no 'bd': it has db, functions, nothing, session. Add it by ee()->set('bd', ...).");
            assert(thrown(fn () => ee()->set('db', 1))
                === "InvalidState: ee() has its 'db' already: to set another one, call ee()->remove('db') first.");
            assert(ee()->db === $db);
            ee()->remove('db');
            assert(!ee()->has('db'));
            ee()->set('db', 'another');
            assert(ee()->db === 'another');
            ee()->set('functions', $db);
            assert(ee()->functions === $db);
            ee()->remove('functions');
            assert(ee()->functions instanceof Holdfast\ExpressionEngine\Functions && ee()->functions === ee()->functions);
            PHP);
    }

    public function testAnAssignmentWorksAndSaysThatItIsDeprecated(): void
    {
        $this->passesWithEe(self::THROWN . <<<'PHP'
            set_error_handler(function (int $level, string $message) use (&$said): bool {
                $said[] = [$level, $message];
                return true;
            });
            ee()->db = 'here';
            assert(ee()->db === 'here');
            assert($said === [[E_USER_DEPRECATED, "Use ee()->set('db', ...) in the place of ee()->db = ..."]]);
            PHP);
    }

    public function testServicesComeFromTheApplicationsContainer(): void
    {
        $this->passesWithEe(self::THROWN . <<<'PHP'
            assert(str_starts_with(thrown(fn () => ee('Model')), 'InvalidState: ee() makes no services'));
            ee()->set('di', new class {
                public function make(string $name, mixed ...$arguments): array
                {
                    return [$name, $arguments];
                }
            });
            assert(ee('View', 'a', 1) === ['View', ['a', 1]]);
            assert(ee() === ee(null));
            PHP);
    }

    public function testAnEeThatIsThereStays(): void
    {
        $this->passesWithEe('assert(ee() === "mine" && !defined("AMP"));', 'function ee() { return "mine"; }');
    }

    public function testExpressionEngineDeclaresItsOwn(): void
    {
        $boot = $this->directory() . '/boot.php';
        file_put_contents($boot, '<?php define("AMP", "&amp;"); function ee() { return "ExpressionEngine"; }');
        $this->passesWithEe(
            'assert(!function_exists("ee")); require ' . var_export($boot, true) . '; assert(ee() === "ExpressionEngine");',
            'define("SYSPATH", "/system/");'
        );
    }

    public function testTheLibraryMayBeLoadedTwiceAndAmpIsLeft(): void
    {
        $this->passesWithEe(
            'assert(AMP === "&" && ee()->has("session")); require ' . self::library('autoload.php') . ';'
                . 'require ' . self::library('ee.php') . ';',
            'define("AMP", "&");'
        );
        $this->passesWithEe('assert(AMP === "&amp;");');
    }

    public function testComposerLoadsIt(): void
    {
        $composer = json_decode((string) file_get_contents(dirname(TESTS, 2) . '/php/composer.json'), true);
        self::assertSame(['ee.php'], $composer['autoload']['files']);
        self::assertFileExists(dirname(TESTS, 2) . '/php/' . $composer['autoload']['files'][0]);
    }

    public function testARedirectOnACommandLineEndsTheScript(): void
    {
        foreach (['', ', "refresh", 303'] as $more) {
            $result = $this->cli()->run(
                'require ' . self::library('autoload.php') . "; echo 'before'; ee()->functions->redirect('/x'$more); echo 'after';"
            );
            self::assertSame(['before', '', 0], [$result->output, $result->errors, $result->exitCode]);
        }
    }

    private function passesWithEe(string $code, string $before = ''): void
    {
        $this->passes("$before\nrequire " . self::library('autoload.php') . ";\n$code");
    }

    private static function library(string $file): string
    {
        return var_export(dirname(TESTS, 2) . "/php/$file", true);
    }
}
