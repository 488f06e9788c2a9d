<?php

declare(strict_types=1);

namespace Holdfast\Tests\Command;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\HoldfastTestCase;
use Holdfast\Tests\Server\FpmBehindNginx;
use Holdfast\Tests\Wait;

/**
 * `holdfast import-files`: a site that leaves PHP's `files` loses no visitor.
 */
final class ImportFilesTest extends HoldfastTestCase
{
    private const DECLARATIONS = 'class Node { public $next; private $hidden = 7; protected $list = [1, 2]; }
        enum Suit: string { case Hearts = "h"; }';

    private function files(): string
    {
        $path = $this->directory() . '/files';
        is_dir($path) || mkdir($path);
        return $path;
    }

    /** @param list<string> $more */
    private function import(array $more = []): string
    {
        return Operator::says(['import-files', '--store', $this->store(), $this->files(), ...$more]);
    }

    /** @return iterable<string, array{string}> */
    public static function formats(): iterable
    {
        foreach (['php', 'php_serialize', 'php_binary'] as $format) {
            yield $format => [$format];
        }
    }

    /** @return array<string, string> code that fills $_SESSION */
    private static function values(): array
    {
        return [
            'plain' => '$_SESSION = ["user" => "anna", "n" => -5, "f" => 0.1, "inf" => -INF, "yes" => true, "none" => null, "empty" => [],
                "text" => "a|b;c:\"}\0", "list" => [1, [2, [3, "x"]]], "map" => ["a" => 1, 7 => "b", -3 => ["" => PHP_INT_MIN]]];',
            'objects' => '$_SESSION["o"] = new Node; $_SESSION["deep"] = ["a" => [new Node, Suit::Hearts, new ArrayObject([1, 2])]];
                $_SESSION["date"] = new DateTimeImmutable("2026-01-02 03:04:05 UTC");',
            'an object twice in one variable' => '$n = new Node; $n->next = $n; $_SESSION["before"] = new Node; $_SESSION["two"] = [$n, [$n], new Node];',
            'an object in two variables' => '$n = new Node; $_SESSION["a"] = $n; $_SESSION["plain"] = [1, 2]; $_SESSION["b"] = ["x" => $n];
                $_SESSION["c"] = new Node;',
            'two groups' => '$m = new Node; $n = new Node; $_SESSION["a"] = $m; $_SESSION["b"] = $n; $_SESSION["c"] = [$m]; $_SESSION["d"] = [$n, $n];',
            'references' => '$x = [1]; $_SESSION["r"] = ["a" => &$x, "b" => &$x]; $_SESSION["s"] = "t";',
            'a reference in two variables' => '$x = [1]; $_SESSION["r"] = &$x; $_SESSION["s"] = ["in" => &$x];',
        ];
    }

    /** @dataProvider formats */
    public function testEveryValueComesOverAsPhpWroteIt(string $format): void
    {
        $files = ['session.save_handler' => 'files', 'session.save_path' => $this->files(), 'session.serialize_handler' => $format];
        $ours = ['session.save_handler' => 'holdfast', 'session.serialize_handler' => 'holdfast'];
        $cli = ['session.use_cookies' => 0, 'session.cache_limiter' => ''];
        $written = [];
        foreach (self::values() as $what => $code) {
            $id = 'id' . count($written);
            $result = $this->cli($files + $cli)->run(
                self::DECLARATIONS . " session_id('$id'); session_start(); $code echo base64_encode(serialize(\$_SESSION));"
            );
            self::assertSame('', $result->errors, $what);
            $written[$what] = [$id, $result->output];
        }
        self::assertStringStartsWith('imported ' . count($written) . ' sessions', $this->import(['--format', $format]));
        foreach ($written as $what => [$id, $expected]) {
            foreach (['first', 'after it was saved'] as $time) {
                $read = $this->cli($ours + $cli)->run(
                    self::DECLARATIONS . " session_id('$id'); session_start(); echo base64_encode(serialize(\$_SESSION)); \$_SESSION['more'] = 1;
                    session_write_close(); session_start(); unset(\$_SESSION['more']);"
                );
                self::assertSame('', $read->errors, "$what, $time");
                self::assertSame(base64_decode($expected), base64_decode($read->output), "$what, $time");
            }
        }
    }

    /** @dataProvider formats */
    public function testASessionThatKeepsItsSerializerIsReadByIt(string $format): void
    {
        $settings = ['session.serialize_handler' => $format, 'session.use_cookies' => 0, 'session.cache_limiter' => ''];
        $files = ['session.save_handler' => 'files', 'session.save_path' => $this->files()];
        $this->cli($files + $settings)->run("session_id('a'); session_start(); \$_SESSION['user'] = ['anna', 7];");
        $this->import(['--format', $format, '--serializer', $format]);
        $ours = ['session.save_handler' => 'holdfast'];
        $this->passes("session_id('a'); session_start(); assert(\$_SESSION === ['user' => ['anna', 7]]);", $ours + $settings);
    }

    /** The steps of docs/command.md: nobody notices. */
    public function testAVisitorWhoIsLoggedInStaysSoThroughTheSwitch(): void
    {
        $site = new FpmBehindNginx([
            'holdfast.store' => $this->store(),
            'session.save_handler' => 'files',
            'session.save_path' => $this->files(),
            'session.gc_probability' => 0,
        ], __DIR__ . '/site');
        try {
            [$anna, $berta, $carl] = [new Browser($site->url()), new Browser($site->url()), new Browser($site->url())];
            foreach (['anna' => $anna, 'berta' => $berta, 'carl' => $carl] as $name => $visitor) {
                self::assertSame("$name 1 files", $visitor->get("/login.php?as=$name")->body);
            }
            $before = $anna->cookies;
            self::assertStringStartsWith('imported 3 sessions', $this->import());
            self::assertSame('anna 2 files', $anna->get('/visit.php')->body, 'she goes on meanwhile');
            $stale = clone $carl;
            self::assertSame('bye', $carl->get('/logout.php')->body);

            $site->reloadWith(['session.save_handler' => 'holdfast', 'session.serialize_handler' => 'holdfast']);
            Wait::until(
                static fn (): bool => str_ends_with((new Browser($site->url()))->get('/visit.php')->body, ' holdfast'),
                'the workers have the new setting',
                $site->log(...)
            );
            self::assertSame('berta 2 holdfast', $berta->get('/visit.php')->body, 'before the second run');
            $said = $this->import(['--end-missing']);
            self::assertStringContainsString('changed since 1, ', $said);
            self::assertStringContainsString('ended 1', $said);
            self::assertSame('anna 3 holdfast', $anna->get('/visit.php')->body);
            self::assertSame($before, $anna->cookies, 'the same id');
            self::assertSame('berta 3 holdfast', $berta->get('/visit.php')->body);
            self::assertSame('nobody 1 holdfast', $stale->get('/visit.php')->body, 'who has logged out stays out');

            $this->import(['--end-missing']);
            self::assertSame('anna 4 holdfast', $anna->get('/visit.php')->body, 'once too often does no harm');
            self::assertSame('bye', $anna->get('/logout.php')->body);
            $this->import();
            $anna->cookies = $before;
            self::assertSame('nobody 1 holdfast', $anna->get('/visit.php')->body, 'nor does it bring back who has logged out');
        } finally {
            $site->stop();
        }
    }
}
