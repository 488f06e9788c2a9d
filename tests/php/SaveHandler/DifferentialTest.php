<?php

declare(strict_types=1);

namespace Holdfast\Tests\SaveHandler;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\Response;
use Holdfast\Tests\Extension;
use Holdfast\Tests\Server\BuiltInServer;
use Holdfast\Tests\TemporaryDirectory;
use PHPUnit\Framework\TestCase;

/**
 * Issue 3: every function of PHP's session reference behaves under `session.save_handler = holdfast` as it does under
 * PHP's own `files`: return values, warnings, status, data and headers, at every point of a session's life.
 *
 * The same pages run under both, for the same visits; ids differ and are replaced by their numbers.
 */
final class DifferentialTest extends TestCase
{
    /**
     * What is meant to differ, by case: the reason, and with which setting PHP's own handler does what Holdfast does
     * always.
     *
     * @var array<string, array{string, array<string, int|string>}>
     */
    private const DEVIATIONS = [
        'destroy' => [self::DEAD, ['use_strict_mode' => 1]],
        'destroy and start' => [self::DEAD, ['use_strict_mode' => 1]],
        'destroy, with what is written after it' => [self::DEAD, ['use_strict_mode' => 1]],
        'destroy what was never written' => [self::STABLE, ['use_strict_mode' => 0]],
        'regenerate and destroy' => [self::STABLE, ['use_strict_mode' => 0]],
        'decode nothing' => [
            "PHP's serializers differ: `php` adds to \$_SESSION, so nothing changes it; `php_serialize` replaces it",
            ['serialize_handler' => 'php'],
        ],
    ];

    private const DEAD = 'S02, S09: an id that was destroyed stays dead, whatever session.use_strict_mode says';
    private const STABLE = 'S25: an id that was issued stays valid as long as nothing was stored under it';

    private const STRICT_AND_LAZY = ['strict off, lazy on' => [0, 1], 'strict on, lazy on' => [1, 1], 'strict off, lazy off' => [0, 0]];

    private static ?TemporaryDirectory $directory = null;

    /** @var array<string, BuiltInServer> by save handler and serializer */
    private static array $servers = [];

    /** @var array<string, string> transcripts under PHP's own handler, by case and settings */
    private static array $expected = [];

    public static function setUpBeforeClass(): void
    {
        require_once __DIR__ . '/cases.php';
        self::$directory = new TemporaryDirectory();
        copy(__DIR__ . '/transcript.php', self::$directory->path . '/transcript.php');
    }

    public static function tearDownAfterClass(): void
    {
        foreach (self::$servers as $server) {
            $server->stop();
        }
        self::$servers = [];
        self::$expected = [];
        self::$directory?->remove();
        self::$directory = null;
    }

    /** @dataProvider cases */
    public function testItBehavesAsPhpsOwn(string $case, string $serializer): void
    {
        if ($serializer === 'igbinary' && !is_file(ini_get('extension_dir') . '/igbinary.so')) {
            self::markTestSkipped('php-igbinary is not installed');
        }
        foreach (self::STRICT_AND_LAZY as $name => [$strict, $lazy]) {
            $settings = ['use_strict_mode' => $strict, 'lazy_write' => $lazy];
            $as = (self::DEVIATIONS[$case][1] ?? []) + $settings + ['serialize_handler' => 'php_serialize'];
            if ($serializer !== 'holdfast') {
                $as['serialize_handler'] = $serializer;
            }
            $key = "$case " . json_encode($as);
            self::$expected[$key] ??= $this->visit($case, 'files', (string) $as['serialize_handler'], $as);
            self::assertSame(self::$expected[$key], $this->visit($case, 'holdfast', $serializer, $settings), $name);
        }
    }

    /** @return iterable<string, array{string, string}> */
    public static function cases(): iterable
    {
        require_once __DIR__ . '/cases.php';
        foreach (['php', 'php_serialize', 'holdfast', 'igbinary'] as $serializer) {
            foreach (array_keys(cases()) as $case) {
                yield "$serializer: $case" => [$case, $serializer];
            }
        }
    }

    /**
     * The serializer alone, with PHP's own handler.
     *
     * @dataProvider casesOfOurSerializer
     */
    public function testOurSerializerUnderPhpsOwnHandler(string $case): void
    {
        foreach (self::STRICT_AND_LAZY as $name => [$strict, $lazy]) {
            $settings = ['use_strict_mode' => $strict, 'lazy_write' => $lazy];
            $witness = $case === 'decode nothing' ? 'php' : 'php_serialize';
            self::assertSame(
                $this->visit($case, 'files', $witness, $settings),
                $this->visit($case, 'files', 'holdfast', $settings),
                $name
            );
        }
    }

    /** @return iterable<string, array{string}> */
    public static function casesOfOurSerializer(): iterable
    {
        require_once __DIR__ . '/cases.php';
        foreach (array_keys(cases()) as $case) {
            yield $case => [$case];
        }
    }

    /**
     * The transcript of a whole visit.
     *
     * @param array<string, int|string> $settings those that a page itself sets
     */
    private function visit(string $case, string $handler, string $serializer, array $settings): string
    {
        $browser = new Browser(self::server($handler, $serializer)->url());
        $settings['visit'] = bin2hex(random_bytes(4));
        $transcript = '';
        foreach (cases()[$case] as $number => $code) {
            $page = 'page-' . md5($code) . '.php';
            file_put_contents(self::$directory->path . "/$page", "<?php require __DIR__ . '/transcript.php';\n$code");
            $transcript .= "page $number\n" . self::describe($browser->get("/$page?" . http_build_query($settings)));
        }
        return self::withoutIds($transcript);
    }

    private static function describe(Response $response): string
    {
        $described = "status {$response->status} {$response->failure}\n";
        foreach ($response->headers as $line) {
            if (preg_match('/^(Set-Cookie|Cache-Control|Expires|Pragma|Last-Modified):/i', $line) === 1) {
                $line = preg_replace('/^(Set-Cookie: (?:PHPSESSID|SHOP)=)([^;]+)/i', '$1{{$2}}', $line);
                $described .= preg_replace('/\w{3}, \d\d.\w{3}.\d{4} \d\d:\d\d:\d\d GMT/', 'DATE', $line) . "\n";
            }
        }
        return $described . preg_replace('~ in /\S+/page-\w+\.php~', ' in the page', $response->body) . "\n";
    }

    /** Each id by the order in which it came. */
    private static function withoutIds(string $transcript): string
    {
        preg_match_all('/\{\{(.+?)\}\}/', $transcript, $found);
        $numbers = [];
        foreach (array_unique($found[1]) as $id) {
            $numbers[$id] = 'id ' . (count($numbers) + 1);
        }
        return strtr($transcript, $numbers);
    }

    private static function server(string $handler, string $serializer): BuiltInServer
    {
        $path = self::$directory->path;
        $settings = [
            'session.save_handler' => $handler,
            'session.serialize_handler' => $serializer,
            'holdfast.store' => "shared://$path/$serializer.holdfast?size=16M",
            // Its calls would be seen now and then.
            'session.gc_probability' => 0,
            'output_buffering' => 65536,
            'display_errors' => 1,
        ];
        if ($handler === 'files') {
            @mkdir("$path/$serializer-files", 0700);
            $settings['session.save_path'] = "$path/$serializer-files";
        }
        if ($serializer === 'igbinary') {
            // Two lines of one setting: PHP loads each.
            $settings['extension'] = "igbinary.so\"\nextension=\"" . Extension::path();
        }
        return self::$servers["$handler $serializer"] ??= new BuiltInServer($settings, $path);
    }
}
