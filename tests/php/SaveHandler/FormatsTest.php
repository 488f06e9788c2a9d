<?php

declare(strict_types=1);

namespace Holdfast\Tests\SaveHandler;

use Holdfast\Tests\Extension;

/**
 * S30: what one serializer wrote is not read by another: one clear warning names both, no object is built, and the
 * session is still there for the one that wrote it.
 */
final class FormatsTest extends HandlerCliTestCase
{
    private const SERIALIZERS = ['php', 'php_serialize', 'php_binary', 'igbinary', 'holdfast'];

    /** Says so when it is built. */
    private const GADGET = 'class Gadget { public $a = 1; function __wakeup() { echo "BUILT"; } function __unserialize(array $d): void { echo "BUILT"; }
        function __destruct() { if (!isset($GLOBALS["quiet"])) { echo "BUILT"; } } }';

    /** @dataProvider pairs */
    public function testAnotherSerializerIsRefused(string $writer, string $reader): void
    {
        $written = $this->cli($this->with($writer))->run(
            self::GADGET . ' session_start(); $_SESSION["user"] = "anna"; $_SESSION["o"] = new Gadget(); session_write_close();
                $quiet = true; echo "id=" . session_id();'
        );
        $id = $this->idOf($written);

        foreach (['', '["read_and_close" => true]'] as $options) {
            $refused = $this->cli($this->with($reader))->run(
                self::GADGET . " session_id('$id'); var_dump(session_start($options)); var_dump(session_status() === PHP_SESSION_NONE);
                var_dump(\$_SESSION ?? []); \$_SESSION['eve'] = 1; @session_write_close();"
            );
            self::assertSame("bool(false)\nbool(true)\narray(0) {\n}\n", $refused->output, (string) $refused);
            $warnings = preg_grep('/Warning/', explode("\n", $refused->errors)) ?: [];
            $clear = preg_grep("/written with.*\\b$writer\\b.*\\b$reader\\b/", $warnings) ?: [];
            self::assertCount(1, $clear, $refused->errors);
            self::assertStringNotContainsString($id, $refused->errors, 'S29');
        }

        $same = $this->with($writer);
        $this->read($id, '$quiet = true; ob_start(); assert($_SESSION["user"] === "anna"); assert($_SESSION["o"]->a === 1); ob_end_clean();', 'class Gadget { public $a; }', $same);
    }

    /** @return array<string, string> the settings of a serializer */
    private function with(string $serializer): array
    {
        if ($serializer !== 'igbinary') {
            return ['session.serialize_handler' => $serializer];
        }
        if (!is_file(ini_get('extension_dir') . '/igbinary.so')) {
            self::markTestSkipped('php-igbinary is not installed');
        }
        // Two lines of one setting: PHP loads each.
        return ['session.serialize_handler' => $serializer, 'extension' => "igbinary.so\"\nextension=\"" . Extension::path()];
    }

    /** @return iterable<string, array{string, string}> */
    public static function pairs(): iterable
    {
        foreach (self::SERIALIZERS as $writer) {
            foreach (self::SERIALIZERS as $reader) {
                if ($writer !== $reader) {
                    yield "$writer, read with $reader" => [$writer, $reader];
                }
            }
        }
    }

    /** @dataProvider pairs */
    public function testASessionThatIsNotReadableCanStillBeEnded(string $writer, string $reader): void
    {
        $id = $this->write('$_SESSION["user"] = "anna";', '', $this->with($writer));
        $this->cli($this->with($reader))->run(
            "session_id('$id'); @session_start(); @session_destroy(); session_id(''); session_start(); \$_SESSION['new'] = 1;"
        );
        // It could not be opened, so nothing could end it; nor was it harmed.
        $this->read($id, 'assert($_SESSION === ["user" => "anna"]);', '', $this->with($writer));
    }

    public function testTheClassDoesNotReadWhatPhpsSerializersWrote(): void
    {
        $php = ['session.serialize_handler' => 'php', 'session.name' => 'holdfast'];
        $id = $this->write('$_SESSION["user"] = "anna"; $_SESSION["o"] = new ArrayObject();', '', $php);
        $refused = $this->cli()->run("try { \$s = new Session(['id' => '$id']); var_dump(\$s->getAll()); } catch (Throwable \$e) { echo get_class(\$e), ': ', \$e->getMessage(); }");
        self::assertMatchesRegularExpression('/^Holdfast.Exception.\w+: .*\bphp\b/', $refused->output, (string) $refused);
        $this->read($id, 'assert($_SESSION["user"] === "anna");', '', $php);
    }

    public function testTheClassAndTheSerializerHoldfastReadEachOther(): void
    {
        $same = ['session.name' => 'holdfast'];
        $id = $this->write('$_SESSION["user"] = ["name" => "anna"]; $_SESSION[5] = "five";', '', $same);
        $this->passes("\$s = new Session(['id' => '$id']); assert(\$s->user === ['name' => 'anna']); assert(\$s->get(5) === 'five'); \$s->more = 1;");
        $this->read($id, 'assert($_SESSION == ["user" => ["name" => "anna"], 5 => "five", "more" => 1], json_encode($_SESSION));', '', $same);
    }

    /** @dataProvider garbage */
    public function testGarbageIsNeverDecoded(string $bytes): void
    {
        $id = $this->write('$_SESSION["user"] = "anna";');
        $result = $this->cli()->run(
            self::GADGET . " session_id('$id'); session_start(); var_dump(@session_decode($bytes)); @session_write_close();"
        );
        self::assertSame("bool(false)\n", $result->output, (string) $result);
        $this->read($id, 'assert($_SESSION === ["user" => "anna"], json_encode($_SESSION));');
    }

    /** @dataProvider garbage */
    public function testGarbageIsNeverWritten(string $bytes): void
    {
        $id = $this->write('$_SESSION["user"] = "anna";');
        $result = $this->cli()->run(
            "class Garbler extends SessionHandler { public function write(string \$id, string \$data): bool { return parent::write(\$id, $bytes); } }
             session_set_save_handler(new Garbler()); session_id('$id'); session_start(); \$_SESSION['n'] = 1; session_write_close();"
        );
        self::assertStringContainsString('Warning', $result->errors);
        $this->read($id, 'assert($_SESSION === ["user" => "anna"], json_encode($_SESSION));');
    }

    /** @return array<string, array{string}> */
    public static function garbage(): array
    {
        return [
            'php' => ['\'user|s:3:"eve";o|O:6:"Gadget":1:{s:1:"a";i:1;}\''],
            'php_serialize' => ['serialize(["user" => "eve"])'],
            'php_serialize with an object' => ['\'a:1:{s:1:"o";O:6:"Gadget":1:{s:1:"a";i:1;}}\''],
            'one byte' => ['"\x01"'],
            'zeroes' => ['str_repeat("\0", 100)'],
            'bytes' => ['str_repeat("\xFF\x01\x80", 50)'],
        ];
    }

    /**
     * Our serializer with PHP's own handler: the file has what another serializer wrote.
     *
     * @dataProvider garbage
     */
    public function testGarbageInASessionFile(string $bytes): void
    {
        $files = ['session.save_handler' => 'files', 'session.save_path' => $this->directory()];
        $this->passes("file_put_contents('{$this->directory()}/sess_abcdefghijklmnopqrstuvwxyz', $bytes);");
        $result = $this->cli($files)->run(self::GADGET . ' session_id("abcdefghijklmnopqrstuvwxyz"); var_dump(session_start(), $_SESSION);');
        self::assertStringEndsWith("array(0) {\n}\n", $result->output, (string) $result);
        self::assertStringContainsString('Failed to decode session object', $result->errors);
    }

    /** What was encoded, with bytes changed: refused or read, never a crash, and no object that was not in it. */
    public function testChangedBytes(): void
    {
        $this->passes(self::GADGET . <<<'PHP'
            $quiet = true;
            ini_set('memory_limit', '128M');
            session_start();
            $_SESSION = ['a' => ['b' => [1, 2, 3], 'c' => 'text'], 'n' => 1, 'list' => array_fill(0, 30, ['id' => 1, 'name' => 'x']), 7 => 1.5,
                'o' => new ArrayObject([1]), 'r' => [1]];
            $encoded = session_encode();
            mt_srand(7);
            $refused = 0;
            for ($round = 0; $round < 3000; ++$round) {
                $changed = $encoded;
                for ($n = mt_rand(1, 4); $n > 0; --$n) {
                    $changed[mt_rand(0, strlen($changed) - 1)] = chr(mt_rand(0, 255));
                }
                if (mt_rand(0, 9) === 0) {
                    $changed = substr($changed, 0, mt_rand(1, strlen($changed)));
                }
                if (session_status() !== PHP_SESSION_ACTIVE) {
                    session_start();
                }
                ob_start();
                $refused += (int) (@session_decode($changed) === false);
                ob_end_clean();
            }
            assert($refused > 1000, "$refused");
            PHP);
    }
}
