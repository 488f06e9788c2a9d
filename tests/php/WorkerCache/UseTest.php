<?php

declare(strict_types=1);

namespace Holdfast\Tests\WorkerCache;

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
