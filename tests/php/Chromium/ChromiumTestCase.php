<?php

declare(strict_types=1);

namespace Holdfast\Tests\Chromium;

use Holdfast\Tests\Server\Site;
use PHPUnit\Framework\TestCase;
use Throwable;

/**
 * Visitors with Chromium on a site that is served for the whole class.
 *
 * A test fails also when the console of a page said something that the test has not asked for, or when the site logged
 * an error of PHP.
 *
 * With HOLDFAST_SCREENSHOTS=directory in the environment every screenshot is kept there.
 */
abstract class ChromiumTestCase extends TestCase
{
    private static ?Driver $driver = null;
    private static ?Site $site = null;

    /** @var list<Visitor> those of this test */
    private array $visitors = [];

    abstract protected static function openSite(): Site;

    public static function setUpBeforeClass(): void
    {
        $missing = Driver::missing();
        if ($missing !== null) {
            fwrite(STDERR, "\n" . static::class . " is skipped: $missing.\n");
            self::markTestSkipped("$missing: nobody walks through the pages in a browser");
        }
    }

    public static function tearDownAfterClass(): void
    {
        self::$driver?->stop();
        self::$driver = null;
        self::$site?->stop();
        self::$site = null;
    }

    protected function assertPostConditions(): void
    {
        foreach ($this->visitors as $visitor) {
            self::assertSame([], $visitor->takeConsole(), "the console of the {$visitor->device->name}");
        }
        self::assertDoesNotMatchRegularExpression('/^.*\bPHP \w+( \w+)?: .*$/m', self::site()->log());
    }

    protected function tearDown(): void
    {
        foreach ($this->visitors as $visitor) {
            $visitor->quit();
        }
        $this->visitors = [];
    }

    /** What everybody saw belongs to the failure. PHPUnit asks for it after tearDown(), when no browser is left. */
    protected function runTest(): mixed
    {
        try {
            return parent::runTest();
        } catch (Throwable $failure) {
            foreach ($this->visitors as $visitor) {
                $this->tell($visitor);
            }
            fwrite(STDERR, "\n=== log of the site\n" . self::site()->log() . "\n");
            throw $failure;
        }
    }

    protected static function site(): Site
    {
        return self::$site ??= static::openSite();
    }

    /** Somebody who has never been here. */
    protected function visitor(Device $device): Visitor
    {
        self::$driver ??= new Driver();
        return $this->visitors[] = new Visitor(self::$driver, $device, self::site()->url());
    }

    /**
     * Keeps a picture of the page, if pictures are wanted.
     *
     * @param bool $whole false: of what is in sight
     */
    protected function picture(Visitor $visitor, string $name, bool $whole = true): void
    {
        $directory = getenv('HOLDFAST_SCREENSHOTS') ?: '';
        if ($directory !== '') {
            is_dir($directory) || mkdir($directory, 0777, true);
            file_put_contents("$directory/$name-{$visitor->device->name}.png", $visitor->screenshot($whole));
        }
    }

    private function tell(Visitor $visitor): void
    {
        try {
            $this->picture($visitor, 'failed-' . $this->getName(false));
            $seen = [$visitor->path(), $visitor->text(), ...$visitor->takeConsole()];
        } catch (Throwable $failure) {
            // The browser may be what failed; the test's own failure is the one that counts.
            $seen = [$failure->getMessage()];
        }
        fwrite(STDERR, "\n=== the {$visitor->device->name}, in " . $this->getName() . "\n" . implode("\n", $seen) . "\n");
    }
}
