<?php

declare(strict_types=1);

namespace Holdfast\Tests\Csrf;

/**
 * Sessions that nobody can come back to: a page with a form is shown all the same, and the form is refused.
 */
final class UnreachableTest extends CsrfTestCase
{
    public function testTooLateForTheCookie(): void
    {
        $visitor = self::visitor();
        $page = $visitor->get('/csrf-late.php');
        self::assertTrue($page->isAcknowledged(), (string) $page);
        self::assertSame([], $page->cookies());
        $said = json_decode((string) strrchr($page->body, "\n"), true);
        self::assertCount(1, $said['warnings'], (string) $page);
        self::assertStringContainsString('Session cookie cannot be sent', $said['warnings'][0]);
        [$token, $again, $single] = $said['tokens'];
        self::assertSame($token['name'], $again['name']);
        self::assertFalse(self::post($visitor, self::form($token)));
        self::assertFalse(self::post($visitor, self::form($single), ['hasValidToken', $single['id']]));
    }

    public function testEndedByAnotherRequestMeanwhile(): void
    {
        foreach (['getToken', 'getSingleUseToken'] as $method) {
            $visitor = self::visitorWithSession();
            $cookies = $visitor->cookies;
            $token = self::callLate($visitor, $method, ['order'], static fn () => self::call($visitor, 'destroy'));
            self::assertMatchesRegularExpression('/^TOKEN\d+X\d+$/D', $token['name']);
            $visitor->cookies = $cookies;
            self::assertFalse(self::post($visitor, self::form($token), ['hasValidToken', 'order']), $method);
        }
    }

    public function testATokenThatIsCheckedWhileItsSessionEndsIsNoneAnyMore(): void
    {
        $visitor = self::visitor();
        $token = self::call($visitor, 'getSingleUseToken', 'order');
        $end = static fn () => self::call($visitor, 'destroy');
        self::assertFalse(self::callLate($visitor, 'hasValidToken', ['order'], $end, self::form($token)));
    }
}
