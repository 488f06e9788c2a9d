<?php

declare(strict_types=1);

namespace Holdfast\Tests\Workers;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\Response;
use Holdfast\Tests\Extension;
use Holdfast\Tests\Server\FpmBehindNginx;
use Holdfast\Tests\TemporaryDirectory;
use Holdfast\Tests\Wait;
use PHPUnit\Framework\TestCase;

/**
 * R26: another build of the extension comes to a file that is in use. One that has another format refuses it, and neither
 * the file nor those who work in it notice; one that has the same format goes on with it. HOLDFAST_OTHER_BUILD names
 * another build of the same format; a copy of this one when unset.
 */
final class UpgradeTest extends TestCase
{
    /** Stands in the library before the number of its format, which has 32 bits. */
    private const MARK = "Holdfast's store has format ";

    private const FORMAT = 1;
    private const VISITORS = 6;

    private TemporaryDirectory $directory;

    /** @var list<FpmBehindNginx> */
    private array $sites = [];

    protected function setUp(): void
    {
        $this->directory = new TemporaryDirectory();
    }

    protected function tearDown(): void
    {
        foreach ($this->sites as $site) {
            $site->stop();
        }
        $this->directory->remove();
    }

    /** @return iterable<string, array{int, int}> */
    public static function formats(): iterable
    {
        yield 'a newer one' => [self::FORMAT, self::FORMAT + 1];
        yield 'an older one' => [self::FORMAT + 1, self::FORMAT];
    }

    /** @dataProvider formats */
    public function testAPoolWithAnotherFormatIsRefusedAndHarmsNobody(int $ours, int $theirs): void
    {
        $at = $this->site($this->build($ours));
        $visitors = new CountingVisitors($at->url(), self::VISITORS);
        $visitors->viewOnce();
        $file = hash_file('xxh128', $this->file());

        $other = $this->site($this->build($theirs));
        self::assertRefused((new Browser($other->url()))->get('/count.php'), $other, $ours, $theirs);
        self::assertSame($file, hash_file('xxh128', $this->file()), 'the file was left untouched');
        self::assertCount(1, glob($this->file() . '*') ?: [], 'nothing was set aside');

        $intruder = new CountingVisitors($other->url(), 2);
        $visitors->goOnUntil(microtime(true) + 1.0, $intruder->viewOnce(...));
        self::assertNotSame([], $intruder->failed);
        self::assertSame([0, 0], $intruder->views());
        self::assertSame([], $visitors->failed);
        $this->assertAllViewsAreThere($visitors);
    }

    public function testAReloadIntoAnotherFormatIsRefusedAndTheWayBackHasEverySession(): void
    {
        $extension = $this->build(self::FORMAT);
        $site = $this->site($extension);
        $visitors = new CountingVisitors($site->url(), self::VISITORS);
        $visitors->goOnUntil(microtime(true) + 0.5);
        self::assertSame([], $visitors->failed);

        $this->reloadInto($site, $extension, $this->build(self::FORMAT + 1));
        foreach ($visitors->look() as $response) {
            self::assertRefused($response, $site, self::FORMAT, self::FORMAT + 1);
            self::assertSame([], $response->cookies(), 'nobody loses their cookie');
        }
        $this->reloadInto($site, $extension, $this->build(self::FORMAT));
        $this->assertAllViewsAreThere($visitors);
        $visitors->viewOnce();
        self::assertSame([], $visitors->failed);
    }

    public function testReloadsIntoAnotherBuildOfTheSameFormatLoseNothing(): void
    {
        $builds = [Extension::path(), getenv('HOLDFAST_OTHER_BUILD') ?: Extension::path()];
        $extension = $this->build(self::FORMAT);
        $put = function (int $number) use ($builds, $extension): void {
            $next = $this->directory->path . '/next.so';
            copy($builds[$number % 2], $next);
            rename($next, $extension);
        };
        Reloads::under($this->site($extension), $put);
    }

    /** The path of a build whose format has this number. */
    private function build(int $format): string
    {
        $library = (string) file_get_contents(Extension::path());
        self::assertSame(1, substr_count($library, self::MARK . pack('V', self::FORMAT)), 'the number stands in the library');
        $path = $this->directory->path . '/format' . $format . '-' . bin2hex(random_bytes(4)) . '.so';
        $library = str_replace(self::MARK . pack('V', self::FORMAT), self::MARK . pack('V', $format), $library);
        file_put_contents($path, $library);
        return $path;
    }

    private function site(string $extension): FpmBehindNginx
    {
        $settings = ['extension' => $extension, 'holdfast.store' => 'shared://' . $this->file() . '?size=16M'];
        return $this->sites[] = new FpmBehindNginx($settings);
    }

    /** As a package does it: the new library is renamed onto the old one, which stays what it was for those who have it. */
    private function reloadInto(FpmBehindNginx $site, string $extension, string $next): void
    {
        $workers = $site->workers();
        rename($next, $extension);
        $site->reload();
        Wait::until(
            static fn (): bool => count(array_diff($site->workers(), $workers)) === FpmBehindNginx::WORKERS,
            'all workers are others',
            $site->log(...)
        );
    }

    private function file(): string
    {
        return $this->directory->path . '/upgraded.store';
    }

    private function assertAllViewsAreThere(CountingVisitors $visitors): void
    {
        foreach ($visitors->look() as $visitor => $response) {
            $views = json_decode($response->body, true)['data']['views'] ?? null;
            self::assertSame($visitors->views()[$visitor], $views, "visitor $visitor: $response");
        }
    }

    private static function assertRefused(Response $response, FpmBehindNginx $site, int $ours, int $theirs): void
    {
        self::assertSame(500, $response->status, (string) $response);
        $error = "it has format $ours and this version of Holdfast reads format $theirs; it was left untouched";
        self::assertStringContainsString($error, $site->log());
    }
}
