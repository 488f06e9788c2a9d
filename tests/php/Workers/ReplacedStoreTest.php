<?php

declare(strict_types=1);

namespace Holdfast\Tests\Workers;

use Holdfast\Tests\Server\FpmBehindNginx;
use Holdfast\Tests\Server\SiteTestCase;
use Holdfast\Tests\TemporaryDirectory;
use Holdfast\Tests\Wait;

/**
 * R14: the store's file is removed while workers have it open. Those who had it and those who come new go on in one store,
 * and know each other's visitors.
 */
final class ReplacedStoreTest extends SiteTestCase
{
    private static ?TemporaryDirectory $place = null;

    public static function tearDownAfterClass(): void
    {
        parent::tearDownAfterClass();
        self::$place?->remove();
        self::$place = null;
    }

    /** @return array<string, string> */
    protected static function settings(): array
    {
        self::$place ??= new TemporaryDirectory();
        return ['holdfast.store' => 'shared://' . self::$place->path . '/own.store?size=4M'];
    }

    public function testWorkersThatStayedAndWorkersThatCameKnowEachOthersVisitors(): void
    {
        $workers = self::fpm()->workers();
        $visitor = self::visitor();
        $seen = [];
        while (count($seen) < 4) {
            $seen[self::said($visitor->get('/count.php'))['worker']] = true;
        }
        $stay = array_slice(array_keys($seen), 0, 2);
        unlink(self::$place?->path . '/own.store');
        foreach (array_diff($workers, $stay) as $worker) {
            posix_kill($worker, SIGKILL);
        }
        Wait::until(
            static fn (): bool => count(array_diff(self::fpm()->workers(), $workers)) === FpmBehindNginx::WORKERS - 2,
            'others took the place of the killed ones',
            self::fpm()->log(...)
        );
        // Who stayed notices within a second.
        Wait::until(fn (): bool => $this->visitorMeetsBothInOneSession($stay), 'all are in one store', self::fpm()->log(...));
    }

    /**
     * Whether a new visitor counts on and on, with those who stayed and with others.
     *
     * @param list<int> $stayed
     */
    private function visitorMeetsBothInOneSession(array $stayed): bool
    {
        $visitor = self::visitor();
        $met = [true => 0, false => 0];
        for ($view = 1; min($met) < 5; ++$view) {
            $said = self::said($visitor->get('/count.php'));
            if ($said['views'] !== $view) {
                return false;
            }
            ++$met[in_array($said['worker'], $stayed, true)];
        }
        return true;
    }
}
