<?php

declare(strict_types=1);

namespace Holdfast\Tests\Workers;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Server\FpmBehindNginx;
use Holdfast\Tests\Server\Site;
use Holdfast\Tests\TemporaryDirectory;
use PHPUnit\Framework\TestCase;

/**
 * R23, as php-fpm runs in production: the master is root, the workers are not. The store is opened in the worker, under
 * the worker's own uid.
 */
final class WorkersOfAnotherUserTest extends TestCase
{
    public function testTheStoreBelongsToTheWorkers(): void
    {
        $user = posix_geteuid() === 0 ? posix_getpwnam('www-data') : false;
        if ($user === false) {
            self::markTestSkipped('only root can start workers of another user, and www-data must exist');
        }
        $directory = new TemporaryDirectory();
        // The checkout may be in a directory that only root can enter.
        chmod($directory->path, 0755);
        mkdir($directory->path . '/site', 0755);
        foreach (glob(Site::PAGES . '/*.php') ?: [] as $page) {
            copy($page, $directory->path . '/site/' . basename($page));
        }
        mkdir($directory->path . '/store', 0700);
        chown($directory->path . '/store', posix_getpwnam('www-data')['uid']);

        $site = new FpmBehindNginx(
            ['holdfast.store' => "shared://{$directory->path}/store?size=16M"],
            $directory->path . '/site',
            'www-data'
        );
        try {
            $visitor = new Browser($site->url());
            for ($view = 1; $view <= 20; ++$view) {
                $response = $visitor->get('/count.php');
                self::assertSame($view, json_decode($response->body, true)['views'] ?? null, $response . $site->log());
            }
            $store = $directory->path . '/store/sessions.holdfast';
            self::assertFileExists($store, 'a directory as the place of the store');
            self::assertSame($user['uid'], fileowner($store));
            self::assertSame(0600, fileperms($store) & 0777);
        } finally {
            $site->stop();
            $directory->remove();
        }
    }
}
