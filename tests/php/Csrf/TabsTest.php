<?php

declare(strict_types=1);

namespace Holdfast\Tests\Csrf;

/**
 * S34: several tabs and the forms of several ids are valid together, and no two pages show the same token.
 */
final class TabsTest extends CsrfTestCase
{
    private const TOGETHER = 20;
    private const ROUNDS = 10;

    public function testS34TwoPagesShowDifferentTokensAndBothAreAccepted(): void
    {
        $visitor = self::visitor();
        $first = self::call($visitor, 'getToken');
        $second = self::call($visitor, 'getToken');
        self::assertSame($first['name'], $second['name']);
        self::assertNotSame($first['value'], $second['value']);
        self::assertSame(0, similar($first['value'], $second['value']), 'no piece of text in common');
        self::assertTrue(self::post($visitor, self::form($second)));
        self::assertTrue(self::post($visitor, self::form($first)), 'the older tab, after the younger');
        self::assertTrue(self::post($visitor, self::form($second)), 'and again');
    }

    public function testS34WithinOnePageToo(): void
    {
        $visitor = self::visitor();
        $values = self::results(self::load($visitor, ['getTokenValue'], ['getTokenValue'], ['getTokenValue']));
        self::assertCount(3, array_unique($values));
    }

    public function testS34TheFormsOfManyIdsAreValidTogether(): void
    {
        $visitor = self::visitor();
        $ids = ['', 'cart', 'comment', 0, 7, 'delete-500', 'ünïcode', '  '];
        $tokens = self::results(self::load($visitor, ...array_map(static fn ($id): array => ['getToken', $id], $ids)));
        foreach ($ids as $at => $id) {
            foreach ($ids as $other => $otherId) {
                $renamed = [$tokens[$other]['name'] => $tokens[$at]['value']];
                self::assertSame($at === $other, self::post($visitor, $renamed, ['hasValidToken', $otherId]), "$id for $otherId");
            }
        }
        // In one form, side by side.
        $form = array_column($tokens, 'value', 'name');
        foreach ($ids as $id) {
            self::assertTrue(self::post($visitor, $form, ['hasValidToken', $id]));
        }
    }

    /** However many ids there are, and whatever was shown, the session keeps the same. */
    public function testAThousandIdsCostASessionNothing(): void
    {
        $visitor = self::visitor();
        self::call($visitor, 'getToken');
        $kept = self::call($visitor, 'get', 'SessionCSRF');
        for ($hundred = 0; $hundred < 10; ++$hundred) {
            $ids = range(100 * $hundred, 100 * $hundred + 99);
            self::results(self::load($visitor, ...array_map(static fn (int $id): array => ['getTokenTime', $id], $ids)));
        }
        self::assertSame($kept, self::call($visitor, 'get', 'SessionCSRF'));
    }

    /** Two requests that both found no token: the later one shows the earlier one's. */
    public function testS34ARequestThatBeganBeforeTheFirstTokenShowsThatOne(): void
    {
        foreach (['getToken', 'getSingleUseToken'] as $method) {
            $visitor = self::visitorWithSession();
            $first = null;
            $late = self::callLate($visitor, $method, ['order'], static function () use ($visitor, &$first): void {
                $first = self::call($visitor, 'getToken', 'cart');
            });
            self::assertTrue(self::post($visitor, self::form($first), ['hasValidToken', 'cart']), $method);
            self::assertTrue(self::post($visitor, self::form($late), ['hasValidToken', 'order']), $method);
        }
    }

    /** Parallel requests of a session that has no token yet: whichever comes first, the forms of all are valid. */
    public function testS34TheFirstTokensOfParallelRequestsAreAllValid(): void
    {
        for ($round = 0; $round < self::ROUNDS; ++$round) {
            $visitor = self::visitorWithSession();
            $paths = array_fill(0, self::TOGETHER, self::request([['getToken'], ['getToken', 'cart']])->path);
            $pages = array_map(self::results(...), $visitor->getTogether($paths));
            self::assertCount(1, array_unique(array_map(static fn (array $page): string => $page[0]['name'], $pages)));
            foreach ($pages as [$token, $ofCart]) {
                self::assertTrue(self::post($visitor, self::form($token)));
                self::assertTrue(self::post($visitor, self::form($ofCart), ['hasValidToken', 'cart']));
            }
        }
    }
}

/** The length of the longest piece that two texts share, if it is longer than chance gives. */
function similar(string $one, string $other): int
{
    for ($length = 8; $length > 4; --$length) {
        for ($at = 0; $at + $length <= strlen($one); ++$at) {
            if (str_contains($other, substr($one, $at, $length))) {
                return $length;
            }
        }
    }
    return 0;
}
