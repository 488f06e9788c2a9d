<?php

declare(strict_types=1);

namespace Holdfast\Tests\Csrf;

use Holdfast\Tests\HoldfastTestCase;

/**
 * The ways to the object, and the object itself.
 */
final class ObjectTest extends HoldfastTestCase
{
    public function testAllWaysLeadToTheTokensOfTheSession(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $name = $session->CSRF()->getTokenName();
            $ways = [$session->CSRF(), $session->csrf(), $session->CSRF, $session->getCSRF(), $session->get('CSRF'), $session['CSRF'],
                $session->getVal('CSRF', 5), Session::current()->CSRF];
            foreach ($ways as $csrf) {
                assert($csrf instanceof Holdfast\CSRF);
                assert($csrf->getTokenName() === $name);
            }
            assert(isset($session->CSRF) && isset($session['CSRF']));
            PHP);
    }

    public function testTheObjectCanNotBeMadeCopiedOrStored(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $csrf = $session->CSRF;
            $attempts = [fn () => new Holdfast\CSRF(), fn () => clone $csrf, fn () => serialize($csrf),
                fn () => (new ReflectionClass(Holdfast\CSRF::class))->newInstanceWithoutConstructor()];
            foreach ($attempts as $attempt) {
                try {
                    $attempt();
                    assert(false, 'possible');
                } catch (Throwable) {
                }
            }
            PHP);
    }

    public function testAVariableOfThatNameIsHiddenBehindIt(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $session->set('CSRF', 'mine');
            $session->CSRF = 'mine too';
            assert($session->CSRF instanceof Holdfast\CSRF);
            assert($session->getAll() === ['CSRF' => 'mine too']);
            $session->csrf = 'another name';
            assert($session->csrf === 'another name');
            PHP);
    }

    /** By reference it is a copy of the object, and no variable comes to be. */
    public function testReadingItForWritingMakesNoVariable(): void
    {
        $this->passes(<<<'PHP'
            set_error_handler(fn () => true);
            $session = new Session();
            $reference = &$session->CSRF;
            assert($reference instanceof Holdfast\CSRF);
            $reference = 5;
            unset($session->CSRF->x, $session['CSRF']->x);
            assert($session->getAll() === [] && $session->CSRF instanceof Holdfast\CSRF);
            PHP);
    }

    public function testASubclassMayPutAnotherObjectInItsPlace(): void
    {
        $this->passes(<<<'PHP'
            class Guarded extends Session {
                public array $asked = [];
                public function CSRF() { $this->asked[] = 'CSRF'; return new Counted(parent::CSRF()); }
            }
            class Counted {
                public function __construct(public Holdfast\CSRF $csrf) {}
                public function getTokenName($id = '') { return 'my ' . $this->csrf->getTokenName($id); }
            }
            $session = new Guarded();
            foreach ([$session->CSRF(), $session->CSRF, $session->get('CSRF'), $session['CSRF']] as $csrf) {
                assert(str_starts_with($csrf->getTokenName(), 'my TOKEN'));
            }
            assert(count($session->asked) === 4);
            PHP);
    }

    /** Showing an object for a log or a developer shows no token. */
    public function testS29DumpsShowNoToken(): void
    {
        $result = $this->passes(<<<'PHP'
            $csrf = (new Session())->CSRF;
            $csrf->getToken();
            var_dump($csrf);
            print_r($csrf);
            var_export($csrf);
            echo json_encode($csrf), json_encode((array) $csrf), json_encode(get_object_vars($csrf));
            PHP);
        self::assertDoesNotMatchRegularExpression('/[A-Za-z0-9_-]{43}|TOKEN/', $result->output);
    }

    public function testAnIdThatIsNoStringIsRefused(): void
    {
        $this->passes(<<<'PHP'
            $csrf = (new Session())->CSRF;
            foreach ([[], ['cart'], STDIN] as $id) {
                foreach (['getTokenName', 'getTokenValue', 'getTokenTime', 'getToken', 'getSingleUseToken', 'hasValidToken', 'validate',
                    'resetToken', 'renderInput'] as $method) {
                    try {
                        $csrf->$method($id);
                        assert(false, $method);
                    } catch (Holdfast\Exception\InvalidArgument) {
                    }
                }
            }
            assert($csrf->getTokenName(new class { public function __toString() { return 'cart'; } }) === $csrf->getTokenName('cart'));
            try {
                $csrf->getTokenName(new class { public function __toString() { throw new DomainException(); } });
                assert(false);
            } catch (DomainException) {
            }
            PHP);
    }

    public function testTheExceptionIsARuntimeExceptionOfHoldfast(): void
    {
        $this->passes(<<<'PHP'
            try {
                (new Session())->CSRF->validate();
                assert(false);
            } catch (Holdfast\Exception\InvalidToken $refused) {
                assert($refused instanceof RuntimeException && $refused instanceof Holdfast\Exception\HoldfastException);
            }
            PHP);
    }

    /** On a command line there is no request that could prove anything; tokens can be made for a page all the same. */
    public function testOnACommandLine(): void
    {
        $this->roundTrip(
            '$name = $session->CSRF->getTokenName(); assert(!$session->CSRF->hasValidToken()); $session->name = $name;',
            'assert($session->CSRF->getTokenName() === $session->name);'
        );
    }

    public function testAfterCloseTokensCanBeReadAndNotMade(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $session->close();
            try {
                $session->CSRF->getToken();
                assert(false);
            } catch (Holdfast\Exception\InvalidState) {
            }
            $session->start();
            $name = $session->CSRF->getTokenName();
            $session->close();
            assert($session->CSRF->getTokenName() === $name && $session->CSRF->getTokenName('cart') !== $name);
            PHP);
    }

    public function testAnObjectOutlivesItsSessionHandle(): void
    {
        $this->passes(<<<'PHP'
            $csrf = (new Session(['cookie_name' => 'other']))->CSRF;
            gc_collect_cycles();
            $name = $csrf->getTokenName();
            assert((new Session(['cookie_name' => 'other']))->CSRF->getTokenName() === $name);
            assert((new Session())->CSRF->getTokenName() !== $name);
            PHP);
    }

    public function testABadListOfOriginsIsAnErrorThatNamesIt(): void
    {
        foreach (['admin.example.org', 'https://admin.example.org/', 'null', '*', 'https://a.example https://b.example'] as $bad) {
            $result = $this->cli(['holdfast.csrf_origins' => $bad])->run('echo ini_get("holdfast.csrf_origins");');
            self::assertStringContainsString('holdfast.csrf_origins must be origins', $result->errors, $bad);
        }
        $this->passes('assert(ini_set("holdfast.csrf_origins", "https://a.example , http://[::1]:8080,") !== false);');
    }
}
