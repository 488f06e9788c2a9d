<?php

declare(strict_types=1);

namespace Holdfast\Tests\WorkerCache;

use Holdfast\Tests\Cli\PhpCli;
use Holdfast\Tests\SaveHandler\HandlerCliTestCase;

/**
 * The cache is used where it can be, and nowhere else: by its figures in phpinfo().
 */
final class UseTest extends HandlerCliTestCase
{
    private const FIGURES = <<<'PHP'
        function figures(): array
        {
            ob_start();
            phpinfo(INFO_MODULES);
            preg_match_all('/^Worker cache: (.+) => (\d+)$/m', ob_get_clean(), $found);
            return array_map('intval', array_combine($found[1], $found[2]));
        }
        function visit(string $id, ?callable $change = null): void
        {
            session_id($id);
            assert(session_start());
            $change === null || $change();
            assert(session_write_close());
        }
        $fill = static function (): void {
            for ($n = 0; $n < 10; ++$n) {
                $_SESSION["list$n"] = ['n' => $n, 'rows' => array_fill(0, 20, ['title' => "row of $n"])];
            }
        };

        PHP;

    /** @param array<string, string|int> $settings */
    protected function cli(array $settings = []): PhpCli
    {
        return parent::cli($settings + ['holdfast.worker_cache' => '8M']);
    }

    public function testASessionThatComesOnceLeavesNothing(): void
    {
        $this->passes(self::FIGURES . <<<'PHP'
            for ($n = 0; $n < 50; ++$n) {
                visit("visitor-$n", $fill);
            }
            assert(figures()['nodes'] === 0);
            assert(figures()['sessions'] === 0);
            PHP);
    }

    public function testASessionThatComesAgainIsDecodedOnce(): void
    {
        $this->passes(self::FIGURES . <<<'PHP'
            visit('visitor', $fill);
            visit('visitor');
            $first = figures();
            assert($first['sessions'] === 1);
            // The root, and ten arrays with a list in each.
            assert($first['nodes'] === 21);
            for ($n = 0; $n < 100; ++$n) {
                visit('visitor');
            }
            assert(figures()['nodes decoded'] === $first['nodes decoded']);
            assert(figures()['sessions that nobody had changed'] === 100);
            assert(figures()['bytes'] === $first['bytes']);
            PHP);
    }

    public function testWhatAnotherProcessHasChangedIsAllThatIsDecoded(): void
    {
        $other = $this->directory() . '/other.php';
        file_put_contents($other, "<?php session_id('visitor'); session_start(); \$_SESSION['list3']['n'] = 'changed'; session_write_close();");
        $settings = [
            'session.save_handler' => 'holdfast', 'session.serialize_handler' => 'holdfast', 'session.use_cookies' => 0,
            'session.cache_limiter' => '', 'holdfast.store' => $this->store(),
        ];
        $command = var_export([PHP_BINARY, ...\Holdfast\Tests\Extension::arguments($settings), $other], true);
        $this->passes(self::FIGURES . <<<PHP
            visit('visitor', \$fill);
            visit('visitor');
            \$before = figures();
            assert(proc_close(proc_open($command, [], \$pipes)) === 0);
            visit('visitor', static function (): void {
                assert(\$_SESSION['list3']['n'] === 'changed');
                assert(\$_SESSION['list4']['n'] === 4);
                assert(count(\$_SESSION) === 10);
            });
            // The root, and the one array. Its list is as it was.
            assert(figures()['nodes decoded'] - \$before['nodes decoded'] === 2);
            PHP);
    }

    public function testOnlyTheRoomThatItIsGivenIsUsed(): void
    {
        $this->passes(self::FIGURES . <<<'PHP'
            for ($n = 0; $n < 200; ++$n) {
                visit("visitor-$n", $fill);
                visit("visitor-$n", static function () use ($n): void { $_SESSION['list1']['n'] = $n; });
                visit("visitor-$n");
                assert(figures()['bytes'] <= 2 * 65536, 'a request adds at most twice the limit');
            }
            assert(figures()['nodes'] > 0);
            PHP, ['holdfast.worker_cache' => '64K']);
    }

    public function testSwitchedOffItKeepsNothing(): void
    {
        $this->passes(self::FIGURES . <<<'PHP'
            for ($n = 0; $n < 5; ++$n) {
                visit('visitor', $fill);
            }
            assert(array_sum(figures()) === 0);
            PHP, ['holdfast.worker_cache' => 0]);
    }

    /** What an application shows us as a session is not believed to be what its digests say. */
    public function testForgedBytesAreDecoded(): void
    {
        $this->passes(self::FIGURES . <<<'PHP'
            visit('visitor', static function (): void { $_SESSION = ['list' => ['a' => str_repeat('x', 200)]]; });
            visit('visitor');
            session_id('visitor');
            session_start();
            $bytes = session_encode();
            session_decode(str_replace('xxx', 'yyy', $bytes));
            assert($_SESSION === ['list' => ['a' => strtr(str_repeat('x', 198), 'x', 'y') . 'xx']]);
            session_reset();
            assert($_SESSION === ['list' => ['a' => str_repeat('x', 200)]]);
            // What stands for the session between the handler and the serializer is worth nothing elsewhere.
            $standIn = 'root' . substr($bytes, 5, 16);
            assert(@session_decode($standIn) === false);
            PHP);
    }

    public function testAnEndedSessionIsForgotten(): void
    {
        $this->passes(self::FIGURES . <<<'PHP'
            visit('visitor', $fill);
            visit('visitor');
            assert(figures()['sessions'] === 1);
            session_id('visitor');
            session_start();
            session_destroy();
            assert(figures()['sessions'] === 0);
            visit('visitor', static function (): void { assert($_SESSION === []); });
            PHP);
    }

    /** Everything that PHP does with arrays and strings leaves alone what it is shown: a write would kill the process. */
    public function testWhateverPhpDoesWithIt(): void
    {
        putenv('HOLDFAST_WORKER_CACHE_CLOSED=1');
        try {
            $this->passes(self::FIGURES . <<<'PHP'
                class Holder
                {
                    public static mixed $shown = null;
                    public array $data = [];
                    public string $text = '';
                }
                function changes(array $data = [], ?string &$text = null): array
                {
                    static $last;
                    $last = $data;
                    $data['added'] = 1;
                    unset($data['list']);
                    $text .= ' and more';
                    return $last;
                }
                function &inside(array &$data): mixed
                {
                    return $data['deep']['er'];
                }
                $fill = static function (): void {
                    $_SESSION = [
                        'list' => range(1, 50),
                        'map' => ['name' => "a text, \u{e4}\u{f6}", 'deep' => ['er' => ['est' => str_repeat('x', 200)]], 'n' => 5],
                        'text' => 'some text of the session',
                        'callable' => 'strtoupper',
                        'number' => '12345',
                    ];
                };
                visit('visitor', $fill);
                visit('visitor');
                $was = null;
                for ($round = 0; $round < 3; ++$round) {
                    visit('visitor', static function () use (&$was): void {
                        assert($was === null || serialize($_SESSION) === $was);
                        $was = serialize($_SESSION);
                        $copy = $_SESSION;
                        ['map' => $map, 'list' => $list] = $copy;
                        foreach (['sort', 'rsort', 'asort', 'ksort', 'shuffle', 'array_pop', 'array_shift', 'natsort', 'end', 'next', 'reset'] as $function) {
                            $sorted = $copy['list'];
                            $function($sorted);
                        }
                        $object = (object) $map;
                        $object->deep['er'] = 1;
                        foreach ([new ArrayObject($map), new ArrayIterator($map), new ArrayObject($object)] as $wrapper) {
                            $wrapper['name'] = 'changed';
                            $wrapper['new'] = $map;
                            foreach ($wrapper as $key => $value) {
                                $wrapper[$key] = $value;
                            }
                            unset($wrapper['n']);
                        }
                        $holder = new Holder();
                        $holder->data = $map;
                        $holder->data['deep']['er']['est'][0] = 'y';
                        $holder->text = $map['name'];
                        $holder->text .= '!';
                        Holder::$shown = $copy;
                        Holder::$shown['map']['deep']['er'] = [];
                        defined('KEPT') || define('KEPT', $copy['list']);
                        $text = $copy['text'];
                        changes($map, $text);
                        $text[3] = '~';
                        ++$copy['number'];
                        $reference = &inside($copy['map']);
                        $reference['est'] = 'other';
                        unset($reference);
                        array_walk_recursive($copy, static function (mixed &$value): void { $value = [$value]; });
                        assert(preg_match('/\x{e4}./u', $map['name']) === 1);
                        assert(preg_replace($map['callable'] ?? '/x/', 'y', $map['deep']['er']['est']) === str_repeat('y', 200));
                        assert(($_SESSION['callable'])('a') === 'A');
                        $name = $_SESSION['callable'];
                        $$name = 1;
                        $object->{$_SESSION['text']} = 2;
                        assert(sprintf('%s', $map['name']) === $map['name']);
                        assert(json_decode(json_encode($map), true) === $map);
                        assert(unserialize(serialize($map)) === $map);
                        assert(eval('return ' . var_export($map, true) . ';') === $map);
                        ob_start();
                        var_dump($_SESSION);
                        debug_zval_dump($_SESSION['list']);
                        ob_end_clean();
                        $generator = (static function (array $data) { foreach ($data as $key => &$value) { yield $key => $value; $value = null; } })($map);
                        iterator_to_array($generator);
                        extract($map, EXTR_REFS);
                        $deep['er'] = 'changed';
                        $all = [...$list, ...array_values($map)];
                        settype($list, 'object');
                        [$map['n'], $map['name']] = [$map['name'], $map['n']];
                        array_splice($all, 3, 4, $copy);
                        gc_collect_cycles();
                        putenv('FROM_SESSION=' . $_SESSION['text']);
                        header('X-Text: ' . $_SESSION['text']);
                        usort($_SESSION['list'], static fn (int $a, int $b): int => $a <=> $b);
                    });
                }
                assert(figures()['nodes found'] > 0);
                PHP);
        } finally {
            putenv('HOLDFAST_WORKER_CACHE_CLOSED');
        }
    }

    /** A handler of the application between ours and PHP sees the bytes, and may change them. */
    public function testAWrapperSeesTheBytes(): void
    {
        $this->passes(self::FIGURES . <<<'PHP'
            class Wrapper extends SessionHandler
            {
                public static array $seen = [];
                public function read(string $id): string|false
                {
                    return self::$seen[] = parent::read($id);
                }
                public function write(string $id, string $data): bool
                {
                    self::$seen[] = $data;
                    return parent::write($id, $data);
                }
            }
            visit('visitor', $fill);
            visit('visitor');
            session_id('visitor');
            session_start();
            $bytes = session_encode();
            session_abort();
            session_set_save_handler(new Wrapper());
            visit('visitor', static function (): void { $_SESSION['list1']['n'] = 'changed'; });
            assert(Wrapper::$seen[0] === $bytes);
            assert(strlen(Wrapper::$seen[1]) > strlen($bytes));
            visit('visitor', static function (): void { assert($_SESSION['list1']['n'] === 'changed'); });
            PHP);
    }
}
