<?php

declare(strict_types=1);

namespace Holdfast\Tests\SaveHandler;

use CURLFile;
use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\HoldfastTestCase;
use Holdfast\Tests\Server\BuiltInServer;

/**
 * Sessions that PHP starts by itself: for the progress of an upload, and by `session.auto_start`; and a handler that is
 * chosen by the script.
 */
final class StartedByPhpTest extends HoldfastTestCase
{
    /** Recent releases of PHP have it switched off without a php.ini. */
    private const UPLOAD_PROGRESS = ['session.upload_progress.enabled' => 1];

    private ?BuiltInServer $server = null;

    protected function tearDown(): void
    {
        $this->server?->stop();
        parent::tearDown();
    }

    /** @dataProvider serializers */
    public function testUploadProgress(string $serializer): void
    {
        $visitor = $this->serve(self::UPLOAD_PROGRESS + [
            'session.serialize_handler' => $serializer,
            'session.upload_progress.cleanup' => 0,
            'session.upload_progress.freq' => 1000,
            'session.upload_progress.min_freq' => 0,
        ]);
        $visitor->get('/show.php?set=' . rawurlencode('{"user":"anna"}'));
        $this->upload($visitor, 'report', 300_000);
        $data = $this->data($visitor);
        self::assertSame('anna', $data['user']);
        $progress = $data['upload_progress_report'];
        self::assertTrue($progress['done']);
        self::assertSame($progress['content_length'], $progress['bytes_processed']);
        self::assertSame('upload.bin', $progress['files'][0]['name']);
        self::assertSame(300_000, $progress['files'][0]['bytes_processed']);
    }

    /** @dataProvider serializers */
    public function testUploadProgressIsCleanedUp(string $serializer): void
    {
        $visitor = $this->serve(self::UPLOAD_PROGRESS + ['session.serialize_handler' => $serializer]);
        $visitor->get('/show.php?set=' . rawurlencode('{"user":"anna"}'));
        $this->upload($visitor, 'report', 300_000);
        self::assertSame(['user' => 'anna'], $this->data($visitor));
    }

    /** S02 where no script has begun yet */
    public function testAnUploadAdoptsNoForeignId(): void
    {
        $visitor = $this->serve(self::UPLOAD_PROGRESS + ['session.upload_progress.cleanup' => 0]);
        $visitor->cookies['PHPSESSID'] = 'chosen-by-a-stranger';
        $this->upload($visitor, 'report', 100_000);
        $thief = new Browser($this->server->url());
        $thief->cookies['PHPSESSID'] = 'chosen-by-a-stranger';
        self::assertSame([], $this->data($thief));
    }

    /** @return array<string, array{string}> */
    public static function serializers(): array
    {
        return ['php' => ['php'], 'holdfast' => ['holdfast']];
    }

    public function testAutoStart(): void
    {
        $visitor = $this->serve(['session.auto_start' => 1]);
        for ($n = 1; $n <= 3; ++$n) {
            $response = $visitor->get('/started.php');
            self::assertSame((string) $n, $response->body, (string) $response);
            self::assertCount($n === 1 ? 1 : 0, $response->cookies());
        }
    }

    public function testChosenByTheScript(): void
    {
        $visitor = $this->serve(['session.save_handler' => 'files', 'session.save_path' => $this->directory()]);
        foreach (['ini_set', 'session_module_name'] as $how) {
            $visitor->cookies = [];
            for ($n = 1; $n <= 3; ++$n) {
                $response = $visitor->get("/started.php?by=$how");
                self::assertSame((string) $n, $response->body, (string) $response);
            }
            self::assertMatchesRegularExpression(self::ID, $visitor->cookies['PHPSESSID']);
        }
        self::assertSame([], glob($this->directory() . '/sess_*'));
    }

    /** @param array<string, string|int> $settings */
    private function serve(array $settings): Browser
    {
        $this->server = new BuiltInServer($settings + [
            'session.save_handler' => 'holdfast',
            'session.serialize_handler' => 'holdfast',
            'holdfast.store' => $this->store(),
            'display_errors' => 1,
        ]);
        return new Browser($this->server->url());
    }

    /** @return array<string, mixed> */
    private function data(Browser $visitor): array
    {
        $response = $visitor->get('/show.php');
        $said = json_decode($response->body, true);
        self::assertSame([], $said['warnings'] ?? null, (string) $response);
        return $said['data'];
    }

    private function upload(Browser $visitor, string $key, int $bytes): void
    {
        $file = $this->directory() . '/upload.bin';
        file_put_contents($file, random_bytes($bytes));
        $handle = curl_init($this->server->url() . '/without.php');
        curl_setopt_array($handle, [
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_TIMEOUT => 30,
            CURLOPT_COOKIE => 'PHPSESSID=' . ($visitor->cookies['PHPSESSID'] ?? ''),
            // The field that names the upload must come before the file.
            CURLOPT_POSTFIELDS => ['PHP_SESSION_UPLOAD_PROGRESS' => $key, 'file' => new CURLFile($file, null, 'upload.bin')],
        ]);
        self::assertSame('plain', curl_exec($handle), $this->server->log());
    }
}
