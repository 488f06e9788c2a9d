<?php

declare(strict_types=1);

namespace Holdfast\Tests\ExpressionEngine;

use Holdfast\Exception\InvalidArgument;

/**
 * Issue 5: ee()->functions->redirect($location, $method = false, $status_code = null).
 */
final class RedirectTest extends EeTestCase
{
    /** @return array<string, string|int> */
    protected static function settings(): array
    {
        return ['holdfast.redirect_hosts' => 'pay.example'];
    }

    public function testFlashDataAndNoticesAreThereOnTheNextPageAndOnlyThere(): void
    {
        $visitor = self::visitor();
        $response = self::page($visitor, [
            self::session('set_flashdata', 'result_message', 'Entry Deleted!'),
            self::session('message', 'queued'),
            self::redirect('ee.php?calls=[]'),
            self::session('set', 'after', true),
        ]);
        self::assertSame(302, $response->status, (string) $response);
        self::assertSame(['ee.php?calls=[]'], $response->header('Location'));
        self::assertSame('', $response->body, 'the script has ended');

        $ask = [
            self::session('flashdata', 'result_message'),
            self::session('messages', false),
            self::session('get', 'after'),
        ];
        $there = self::said(self::page($visitor, $ask));
        self::assertSame('Entry Deleted!', $there[0]);
        self::assertCount(1, $there[1]);
        self::assertNull($there[2]);
        self::assertFalse(self::said(self::page($visitor, $ask))[0]);
    }

    public function testARedirectAloneBeginsNoSession(): void
    {
        $response = self::page(self::visitor(), [self::redirect('/')]);
        self::assertSame([302, []], [$response->status, $response->cookies()]);
    }

    /** @dataProvider locations */
    public function testLineBreaksAndAmpAreWrittenAsUrlsHaveThem(string $given, string $sent): void
    {
        $response = self::page(self::visitor(), [self::redirect($given)]);
        self::assertSame(302, $response->status, (string) $response);
        self::assertSame([$sent], $response->header('Location'));
        self::assertSame([], $response->header('X-Injected'));
    }

    /** @return array<string, array{string, string}> */
    public static function locations(): array
    {
        return [
            'AMP' => ['/index.php?D=cp&amp;C=addons_modules&amp;M=show', '/index.php?D=cp&C=addons_modules&M=show'],
            'a line break at the end' => ["/thanks\r\n", '/thanks'],
            'a header' => ["/x\r\nX-Injected: yes", '/xX-Injected: yes'],
            'an encoded line break' => ['/x%0D%0aX-Injected:yes', '/xX-Injected:yes'],
            'line breaks in each other' => ["/%0%0aa%0\rd", '/'],
            'an allowed host' => ['https://pay.example/?a=1&amp;b=2', 'https://pay.example/?a=1&b=2'],
        ];
    }

    /** @dataProvider refused */
    public function testS41ARedirectElsewhereIsRefused(string $location): void
    {
        foreach ([false, 'refresh'] as $method) {
            $response = self::page(self::visitor(), [self::redirect($location, $method)]);
            self::assertSame(InvalidArgument::class, self::said($response)[0]['thrown']);
            self::assertSame([[], []], [$response->header('Location'), $response->header('Refresh')]);
        }
    }

    /** @return array<string, array{string}> */
    public static function refused(): array
    {
        return [
            'nothing' => [''],
            'another host' => ['https://evil.example/'],
            'a host without a scheme' => ['//evil.example'],
            'slashes that meet without the line break' => ["/\n/evil.example"],
            'slashes that meet without the encoded line break' => ['/%0a/evil.example'],
            'javascript' => ['javascript:alert(1)'],
            'javascript with a line break' => ["java\nscript:alert(1)"],
        ];
    }

    /** @dataProvider statuses */
    public function testARedirectHasTheStatus(mixed $given, int $ofThePage, int $expected): void
    {
        $response = self::page(self::visitor(), [self::redirect('/', false, $given)], ['status' => "$ofThePage"]);
        self::assertSame($expected, $response->status, (string) $response);
        self::assertSame(['/'], $response->header('Location'));
    }

    /** @return iterable<string, array{mixed, int, int}> */
    public static function statuses(): iterable
    {
        foreach ([301, 302, 303, 307, 308] as $status) {
            yield "given: $status" => [$status, 200, $status];
            yield "given in digits: $status" => ["$status", 200, $status];
            yield "of the page: $status" => [null, $status, $status];
        }
        foreach ([null, 200, 299, 309, 404, 304, 0] as $given) {
            yield 'no redirect: ' . json_encode($given) => [$given, 200, 302];
        }
        yield 'the page was not found' => [null, 404, 302];
        yield 'the given one goes before that of the page' => [303, 301, 303];
        yield 'no redirect is given, but the page has one' => [200, 307, 307];
    }

    public function testRefreshIsTheOtherHeader(): void
    {
        $visitor = self::visitor();
        $response = self::page($visitor, [
            self::session('set_flashdata', 'kept', 'yes'),
            self::redirect('/thanks?a=1&amp;b=2', 'refresh'),
        ]);
        self::assertSame(200, $response->status, (string) $response);
        self::assertSame(['0;url=/thanks?a=1&b=2'], $response->header('Refresh'));
        self::assertSame([], $response->header('Location'));
        self::assertSame('', $response->body);
        self::assertSame(['yes'], self::said(self::page($visitor, [self::session('flashdata', 'kept')])));

        $response = self::page($visitor, [self::redirect('/', 'refresh', 303)]);
        self::assertSame([303, ['0;url=/']], [$response->status, $response->header('Refresh')]);
    }

    /** Browsers read what follows `url=` as quoted when it begins with a quote: another host, then. */
    public function testS41ARefreshHasNoQuotes(): void
    {
        foreach (["'//evil.example'" => '%27//evil.example%27', '"//evil.example"' => '%22//evil.example%22'] as $given => $sent) {
            $response = self::page(self::visitor(), [self::redirect($given, 'refresh')]);
            self::assertSame(["0;url=$sent"], $response->header('Refresh'), (string) $response);
        }
    }

    public function testWhatIsNoRefreshIsALocation(): void
    {
        foreach (['redirect', 'location', true, null, ''] as $method) {
            $response = self::page(self::visitor(), [self::redirect('/', $method)]);
            self::assertSame([302, ['/']], [$response->status, $response->header('Location')]);
        }
    }

    public function testWhereAHookCancelsItTheScriptGoesOn(): void
    {
        foreach ([false, 'refresh'] as $method) {
            $response = self::page(
                self::visitor(),
                [self::redirect('/', $method), self::session('get_language')],
                ['hook' => '']
            );
            self::assertSame([null, 'english'], self::said($response));
            self::assertSame([[], []], [$response->header('Location'), $response->header('Refresh')]);
        }
    }

    public function testARequestOfAScriptIsAnsweredWithTheFlashData(): void
    {
        $ajax = ['X-Requested-With' => 'XMLHttpRequest'];
        $visitor = self::visitor();
        self::page($visitor, [self::session('set_flashdata', 'from before', 1), self::session('set_flashdata', 'both', 'old')]);
        $response = self::page($visitor, [
            self::session('set_flashdata', ['message' => 'Saved!', 'both' => 'new', '7' => ['x' => 1.5]]),
            self::session('save'),
            self::session('set_flashdata', 'later', null),
            self::redirect('https://evil.example/'),
        ], headers: $ajax);
        self::assertSame([], $response->header('Location'));
        self::assertSame(['application/json'], $response->header('Content-Type'));
        self::assertEquals(
            (object) ['message' => 'Saved!', 'both' => 'new', '7' => (object) ['x' => 1.5], 'later' => null],
            json_decode($response->body)
        );
        self::assertSame(200, $response->status);

        self::assertSame(
            [['from before' => 1]],
            self::said(self::page($visitor, [self::session('flashdata')])),
            'the next page has what the answer did not'
        );
    }

    public function testARequestOfAScriptWithoutFlashDataIsRedirected(): void
    {
        $ajax = ['X-Requested-With' => 'XMLHttpRequest'];
        $visitor = self::visitor();
        $response = self::page($visitor, [self::redirect('/')], headers: $ajax);
        self::assertSame([302, ['/'], []], [$response->status, $response->header('Location'), $response->cookies()]);

        self::page($visitor, [self::session('set_flashdata', 'from before', ['a' => [1]])]);
        $response = self::page($visitor, [self::redirect('/')], headers: $ajax);
        self::assertSame([302, ['/']], [$response->status, $response->header('Location')]);
        self::assertSame([['a' => [1]]], self::said(self::page($visitor, [self::session('flashdata', 'from before')])));
    }

    public function testTheApplicationsOwnSessionIsThatOfTheRedirect(): void
    {
        $visitor = self::visitor();
        $calls = [self::session('set_flashdata', 'a', 1), self::redirect('https://own.example/')];
        self::assertSame(['https://own.example/'], self::page($visitor, $calls, ['own' => 'mine'])->header('Location'));
        self::assertSame(['mine'], array_keys($visitor->cookies));
        $ask = [self::session('flashdata', 'a'), self::session('getCookieName')];
        self::assertSame([1, 'mine'], self::said(self::page($visitor, $ask, ['own' => 'mine'])));
        self::assertSame([false, 'holdfast'], self::said(self::page($visitor, $ask)));
    }
}
