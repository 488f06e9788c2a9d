<?php

declare(strict_types=1);

namespace Holdfast\Tests\SaveHandler;

use Holdfast\Tests\Browser\Browser;

/**
 * S05: a login by session_regenerate_id(true) stays. Requests that the browser had sent before, and that come after it,
 * must not take its cookie away with one of their own.
 */
final class LateRequestsTest extends HandlerTestCase
{
    public function testALateRequestSendsNoCookieAndStoresNothing(): void
    {
        [$late, $visitor] = $this->visitorWhoLoggedIn();
        $stored = self::sessions();
        foreach ([['set' => ['poll' => 1]], [], ['set' => ['poll' => 2]]] as $parameters) {
            $cookies = $late->cookies;
            $answer = $late->get(self::page($parameters));
            self::assertSame([], $answer->cookies(), (string) $answer);
            self::assertSame($cookies, $late->cookies);
            self::assertSame([], self::calm($answer)['data'], 'nothing of the member, nor of another late request');
        }
        self::assertSame($stored, self::sessions());
        self::assertSame(['user' => 'anna'], self::show($visitor)['data']);
    }

    public function testALateRequestThatLogsInItselfIsLoggedIn(): void
    {
        [$late] = $this->visitorWhoLoggedIn();
        $old = $late->cookies;
        self::show($late, ['set' => ['user' => 'ben'], 'do' => 'regenerate-true']);
        self::assertNotSame($old, $late->cookies);
        self::assertSame(['user' => 'ben'], self::show($late)['data']);
    }

    public function testAfterALogoutABrowserBeginsAnewAtOnce(): void
    {
        $visitor = self::visitor();
        self::show($visitor, ['set' => ['user' => 'anna']]);
        $other = new Browser(self::fpm()->url());
        $other->cookies = $visitor->cookies;
        self::show($visitor, ['do' => 'destroy']);
        $old = $other->cookies;
        self::show($other, ['set' => ['n' => 1]]);
        self::assertNotSame($old, $other->cookies);
        self::assertSame(['n' => 1], self::show($other)['data']);
    }

    /** @return array{Browser, Browser} one that has the cookie from before, and one that has the login's */
    private function visitorWhoLoggedIn(): array
    {
        $visitor = self::visitor();
        self::show($visitor, ['set' => ['n' => 1]]);
        $late = new Browser(self::fpm()->url());
        $late->cookies = $visitor->cookies;
        self::show($visitor, ['set' => ['user' => 'anna'], 'do' => 'regenerate-true']);
        self::assertNotSame($late->cookies, $visitor->cookies);
        return [$late, $visitor];
    }
}
