<?php

declare(strict_types=1);

namespace Holdfast\Tests\Cache;

use Holdfast\Tests\HoldfastTestCase;

/**
 * Issue 5: what is in the cache goes when it is replaced, or when the request ends, and its destructors may use the session.
 */
final class EndTest extends HoldfastTestCase
{
    private const DECLARATIONS = <<<'PHP'
        class Using
        {
            public static int $gone = 0;
            public ?Session $held = null;
            public function __construct(public string $name) {}
            public function __destruct()
            {
                $session = $this->held ?? new Session();
                $session->set_cache('destroyed', $this->name, count($session->cache));
                $session->cache['place'][$this->name] = true;
                assert($session->cache('destroyed', $this->name) !== false);
                $session->set('gone', 1 + (int) $session->get('gone'));
                ++self::$gone;
            }
        }

        PHP;

    public function testADestructorOfWhatIsReplacedUsesTheSession(): void
    {
        $this->passes(self::DECLARATIONS . <<<'PHP'
            $session = new Session();
            $session->set_cache('a', 'b', new Using('by set_cache'));
            $session->set_cache('a', 'b', new Using('in place'));
            $session->cache['a']['b'] = new Using('by unset');
            unset($session->cache['a']['b']);
            $session->cache['a'] = [new Using('with its class'), new Using('another')];
            $session->cache['a'] = [];
            $session->set_cache('a', 'b', new Using('with all'));
            $session->cache = ['a' => ['b' => new Using('unset with all')]];
            unset($session->cache);
            assert(Using::$gone === 7 && $session->get('gone') === 7);
            assert($session->cache === ['destroyed' => ['unset with all' => 0], 'place' => ['unset with all' => true]]);
            PHP);
    }

    /** @dataProvider ends */
    public function testADestructorAtTheEndOfTheRequestUsesTheSession(string $end): void
    {
        $result = $this->cli()->run(self::DECLARATIONS . <<<PHP
            \$session = new Session();
            \$session->set('a', 1);
            echo \$session->getId();
            \$session->set_cache('a', 'b', new Using('one'));
            \$session->set_cache('a', 'c', \$held = new Using('two'));
            \$held->held = \$session;
            \$session->set_cache('a', 'session', \$session);
            $end
            PHP);
        self::assertSame('', $result->errors);
        $this->passes("assert((new Session(['id' => '{$result->output}']))->getAll() === ['a' => 1, 'gone' => 2]);");
    }

    /** @return array<string, array{string}> */
    public static function ends(): array
    {
        return [
            'the end' => [''],
            'exit' => ['exit;'],
            'no variable left' => ['unset($session, $held);'],
            'a shutdown function' => ['register_shutdown_function(static function () { (new Session())->set_cache("late", "a", 1); });'],
            'an exit in a shutdown function' => ['register_shutdown_function(static function () { exit; });'],
        ];
    }

    public function testAFatalErrorEndsItToo(): void
    {
        $result = $this->cli()->run(self::DECLARATIONS . <<<'PHP'
            $session = new Session();
            $session->set_cache('a', 'b', new Using('one'));
            $session->set_cache('a', 'c', str_repeat('x', 1 << 20));
            trigger_error('the end', E_USER_ERROR);
            PHP);
        self::assertStringContainsString('the end', $result->errors);
        self::assertSame(255, $result->exitCode);
    }

    /** PHP calls destructors before extensions end their requests. An object that is made later is destroyed with the cache. */
    public function testADestructorAfterTheEndIsToldThatTheCacheIsGone(): void
    {
        $result = $this->cli()->run(<<<'PHP'
            class Late
            {
                public function __construct(private Session $session) {}
                public function __destruct()
                {
                    assert($this->session->cache === [] && $this->session->cache('a', 'b') === false);
                    foreach ([
                        fn () => $this->session->set_cache('a', 'b', 1),
                        fn () => $this->session->cache['a']['b'] = 1,
                        fn () => $this->session->cache = [],
                    ] as $change) {
                        try {
                            $change();
                            assert(false);
                        } catch (Holdfast\Exception\InvalidState $failure) {
                            error_log($failure->getMessage());
                        }
                    }
                    throw new DomainException('too late');
                }
            }
            class Stored
            {
                public function __serialize(): array
                {
                    global $kept;
                    $kept->set_cache('a', 'b', new Late($kept));
                    return [];
                }
            }
            $session = $kept = new Session();
            $session->set('stored', new Stored());
            PHP);
        self::assertStringNotContainsString('assert', $result->errors);
        self::assertSame(3, substr_count($result->errors, 'the request has ended: its session cache is gone'), $result->errors);
        self::assertStringContainsString('threw DomainException: too late', $result->errors);
    }

    /** Nothing of it is there in the worker's next request. */
    public function testItIsForOneRequest(): void
    {
        $this->roundTrip(
            '$session->a = 1; $session->set_cache("a", "b", 1); $session->cache["a"]["c"] = 2;',
            'assert($session->getAll() === ["a" => 1] && $session->cache === []);'
        );
    }
}
