<?php

declare(strict_types=1);

namespace Holdfast\Tests\SaveHandler;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Server\FpmBehindNginx;

/**
 * `$_SESSION` and the class `Session` in one request.
 */
final class BothFacesTest extends HandlerTestCase
{
    public function testNeitherKnowsTheOther(): void
    {
        $visitor = self::visitor();
        self::show($visitor, ['set' => ['n' => 'superglobal']]);
        self::said($visitor->get('/count.php'));
        self::assertSame(['n' => 'superglobal'], self::show($visitor)['data']);
        self::assertSame(['views' => 1], self::said($visitor->get('/read.php'))['data']);
        self::assertCount(2, $visitor->cookies);
    }

    /**
     * S39, S40: of one name, both have the same session. A cookie that was stolen from a member is worth nothing to a
     * page that uses $_SESSION either.
     */
    public function testS39AMembersSessionIsTheirsInSessionToo(): void
    {
        $member = self::visitor();
        self::said($member->get('/both-faces.php?do=login'));
        self::assertSame(['secret' => 1], self::said($member->get('/both-faces.php?do=superglobal'))['data']);
        $thief = self::visitor();
        $thief->cookies = ['holdfast' => $member->cookies['holdfast']];
        $stolen = $thief->cookies['holdfast'];
        $said = self::said($thief->get('/both-faces.php?do=superglobal'));
        self::assertSame([], $said['data']);
        self::assertNotSame($stolen, $said['id']);
        self::assertSame(['secret' => 1], self::said($member->get('/both-faces.php?do=superglobal'))['data'], 'the owner is still in');
    }

    /** What is done when the request is as good as over must neither crash the worker nor reach its next visitor. */
    public function testTheClassUsedWhileSessionIsSavedAtTheEnd(): void
    {
        for ($round = 0; $round < 5; ++$round) {
            $url = self::fpm()->url();
            $workers = self::fpm()->workers();
            (new Browser($url))->getTogether(array_fill(0, FpmBehindNginx::WORKERS, '/late-class.php?who=anna'));
            foreach ((new Browser($url))->getTogether(array_fill(0, FpmBehindNginx::WORKERS * 2, '/read.php?hold=5')) as $response) {
                $said = self::said($response);
                self::assertSame([[], ''], [$said['data'], $said['id']]);
                self::assertSame([], $response->cookies());
            }
            self::assertSame($workers, self::fpm()->workers(), 'no worker has crashed');
        }
    }
}
