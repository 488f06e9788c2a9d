<?php

declare(strict_types=1);

namespace Holdfast\Tests\Admin;

use Holdfast\Admin\AuditTrail;
use Holdfast\Tests\TemporaryDirectory;
use PHPUnit\Framework\TestCase;

/**
 * Issue 9: the end of the audit log is read piece by piece, and a bounded part of it at a time.
 */
final class AuditTrailTest extends TestCase
{
    private TemporaryDirectory $directory;
    private string $file;

    protected function setUp(): void
    {
        require_once dirname(__DIR__, 3) . '/php/admin/holdfast-admin.php';
        $this->directory = new TemporaryDirectory();
        $this->file = $this->directory->path . '/audit.log';
    }

    protected function tearDown(): void
    {
        $this->directory->remove();
    }

    private static function line(int $number, string $event = 'create', int $filled = 0): string
    {
        return json_encode(['event' => $event, 'number' => $number, 'filled' => str_repeat('x', $filled)]) . "\n";
    }

    /** @return list<int> the numbers of all events, page by page, the last one first */
    private function all(string $event = '', string $search = ''): array
    {
        $numbers = [];
        $before = null;
        do {
            $trail = AuditTrail::read($this->file, $before, $event, $search);
            self::assertSame('file', $trail->state);
            self::assertLessThanOrEqual(AuditTrail::MOST, count($trail->events));
            self::assertTrue($trail->older === null || $before === null || $trail->older < $before, 'each page is nearer to the beginning');
            array_push($numbers, ...array_column($trail->events, 'number'));
            $before = $trail->older;
        } while ($before !== null);
        return $numbers;
    }

    public function testEveryLineIsOnOnePage(): void
    {
        mt_srand(9);
        $lines = array_map(static fn (int $number): string => self::line($number, filled: mt_rand(0, 3000)), range(0, 1999));
        file_put_contents($this->file, implode('', $lines));
        self::assertSame(range(1999, 0), $this->all());
    }

    public function testALineThatIsBeingWrittenIsNotShownYet(): void
    {
        file_put_contents($this->file, self::line(0) . self::line(1) . rtrim(self::line(2)));
        self::assertSame([1, 0], $this->all());
        file_put_contents($this->file, rtrim(self::line(0)));
        self::assertSame([], $this->all());
        file_put_contents($this->file, '');
        self::assertSame([], $this->all());
    }

    public function testWhatIsNoJsonIsLeftOut(): void
    {
        file_put_contents($this->file, self::line(0) . "\n\xff\xff\nnull\n\"text\"\n" . self::line(1) . "{\n");
        self::assertSame([1, 0], $this->all());
    }

    public function testEventsAndTextsAreFoundAlsoFarBack(): void
    {
        $lines = array_map(static fn (int $number): string => self::line($number, $number % 1500 === 0 ? 'destroy' : 'create', 2000), range(0, 2999));
        file_put_contents($this->file, implode('', $lines));
        self::assertGreaterThan(5 << 20, filesize($this->file));
        self::assertSame([1500, 0], $this->all('destroy'));
        self::assertSame([2777], array_values(array_intersect($this->all(search: '2777'), [2777])));
        self::assertSame([1500, 0], $this->all(search: 'DESTROY'));
    }

    public function testOnePageReadsABoundedPart(): void
    {
        file_put_contents($this->file, str_repeat(str_repeat('x', 1023) . "\n", 20_000));
        $read = memory_get_usage();
        \function_exists('memory_reset_peak_usage') && memory_reset_peak_usage();
        $trail = AuditTrail::read($this->file, null, '', '');
        self::assertSame([], $trail->events);
        self::assertEqualsWithDelta((20_000 << 10) - (2 << 20), $trail->older, 1024);
        self::assertLessThan(2 << 20, memory_get_peak_usage() - $read);
        // Without an end of a line, too, one comes to the beginning.
        file_put_contents($this->file, str_repeat('x', 5 << 20));
        self::assertSame([], $this->all());
    }

    public function testWhatIsNoFileIsSaid(): void
    {
        $state = static fn (string $target): string => AuditTrail::read($target, null, '', '')->state;
        self::assertSame('off', $state(''));
        self::assertSame('syslog', $state('syslog'));
        self::assertSame('syslog', $state('syslog:/run/log'));
        self::assertSame('absent', $state($this->file));
        self::assertSame('unreadable', $state($this->directory->path));
    }

    public function testEveryEventThatIsDocumentedHasWords(): void
    {
        $documented = (string) file_get_contents(dirname(__DIR__, 3) . '/docs/audit.md');
        $documented = substr($documented, (int) strpos($documented, '## The events'));
        self::assertGreaterThan(20, preg_match_all('/^\| `(\w+)` \| `(\w+)` \|/m', $documented, $found, PREG_SET_ORDER));
        foreach ($found as [, $event, $reason]) {
            $words = AuditTrail::words(['event' => $event, 'reason' => $reason]);
            self::assertNotSame("$event $reason", $words);
            self::assertArrayHasKey($event, AuditTrail::kinds());
        }
        self::assertSame('new thing', AuditTrail::words(['event' => 'new', 'reason' => 'thing']));
    }
}
