<?php

declare(strict_types=1);

namespace Holdfast\Tests\WorkerCache;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Extension;
use Holdfast\Tests\Server\BuiltInServer;
use Holdfast\Tests\TemporaryDirectory;
use PHPUnit\Framework\TestCase;

/**
 * ext/soap keeps its service objects in the session by writing to the array of $_SESSION itself, which it does not
 * separate from anybody else's.
 */
final class SoapTest extends TestCase
{
    private TemporaryDirectory $directory;
    private ?BuiltInServer $server = null;

    protected function setUp(): void
    {
        if (!extension_loaded('soap')) {
            self::markTestSkipped('ext/soap is not installed');
        }
        $this->directory = new TemporaryDirectory();
    }

    protected function tearDown(): void
    {
        $this->server?->stop();
        putenv('HOLDFAST_WORKER_CACHE_CLOSED');
        if (isset($this->directory)) {
            $this->directory->remove();
        }
    }

    public function testAServiceThatLivesInTheSessionWritesNotToTheCache(): void
    {
        putenv('HOLDFAST_WORKER_CACHE_CLOSED=1');
        $this->server = new BuiltInServer([
            'extension' => Extension::with('soap'),
            'session.save_handler' => 'holdfast',
            'session.serialize_handler' => 'holdfast',
            'holdfast.store' => "shared://{$this->directory->path}/sessions.holdfast?size=8M",
            'holdfast.worker_cache' => '8M',
        ], __DIR__ . '/pages', null, 1);
        [$user, $other] = [new Browser($this->server->url()), new Browser($this->server->url())];
        foreach ([$user, $other] as $browser) {
            $browser->get('/soap.php?do=fill');
            $browser->get('/soap.php?do=look');
        }
        [$lists, $hash] = $this->look($user);
        self::assertSame('20', $lists);
        foreach ([3, 6, 9, 12] as $count) {
            self::assertStringContainsString(">$count</return>", $user->get('/soap.php?do=add')->body, $this->server->log());
            self::assertSame([$lists, $hash], $this->look($user));
        }
        self::assertSame([$lists, $hash], $this->look($other));
        self::assertStringContainsString('>3</return>', $other->get('/soap.php?do=add')->body, 'it counts for itself');
    }

    /** @return array{string, string} how many lists a visitor has, and their hash; what the cache knows is used */
    private function look(Browser $browser): array
    {
        $before = explode(' ', $browser->get('/soap.php?do=look')->body);
        $after = explode(' ', $browser->get('/soap.php?do=look')->body);
        self::assertCount(3, $after, $this->server?->log() ?? '');
        self::assertGreaterThan((int) $before[2], (int) $after[2], 'nothing was found in the cache');
        return [$after[0], $after[1]];
    }
}
