<?php

declare(strict_types=1);

namespace Holdfast\Tests\Csrf;

use Generator;
use Holdfast\Tests\Browser\Crowd;
use Holdfast\Tests\Browser\Request;
use Holdfast\Tests\TemporaryDirectory;

/**
 * S35: a single-use token is consumed atomically.
 */
final class SingleUseTest extends CsrfTestCase
{
    private const TOGETHER = 50;
    private const ROUNDS = 5;

    public function testS35OfFiftyParallelPostsOneIsAccepted(): void
    {
        for ($round = 0; $round < self::ROUNDS; ++$round) {
            $visitor = self::visitor();
            $token = self::call($visitor, 'getSingleUseToken');
            $accepted = self::postTogether(self::TOGETHER, $visitor, self::form($token), ['hasValidToken', $token['id']]);
            self::assertCount(self::TOGETHER, $accepted);
            self::assertCount(1, array_filter($accepted), "round $round");
            self::assertFalse(self::post($visitor, self::form($token), ['hasValidToken', $token['id']]));
        }
    }

    public function testS35WithValidateToo(): void
    {
        $visitor = self::visitor();
        $token = self::call($visitor, 'getSingleUseToken', 'order');
        $results = self::postTogether(self::TOGETHER, $visitor, self::form($token), ['validate', 'order']);
        $refused = array_filter($results, static fn (mixed $result): bool => $result !== true);
        self::assertCount(self::TOGETHER - 1, $refused);
        array_map(self::assertRefused(...), $refused);
    }

    /** A token for any number of uses that is to be reset after the check is one for a single use, too. */
    public function testS35ATokenThatIsResetByItsCheckIsAcceptedOnce(): void
    {
        $visitor = self::visitor();
        $token = self::call($visitor, 'getToken');
        $accepted = self::postTogether(self::TOGETHER, $visitor, self::form($token), ['hasValidToken', '', true]);
        self::assertCount(1, array_filter($accepted));
    }

    public function testS35WhatWasUsedNeverComesBack(): void
    {
        $visitor = self::visitor();
        $used = [];
        for ($round = 0; $round < 4; ++$round) {
            $token = self::call($visitor, 'getSingleUseToken', 'order');
            foreach ($used as $old) {
                self::assertNotSame($old['name'], $token['name']);
                self::assertFalse(self::post($visitor, self::form($old), ['hasValidToken', 'order']));
                self::assertFalse(self::post($visitor, [$token['name'] => $old['value']], ['hasValidToken', 'order']));
            }
            self::assertTrue(self::post($visitor, self::form($token), ['hasValidToken', 'order']));
            $used[] = $token;
        }
        self::assertArrayNotHasKey('singles', self::call($visitor, 'get', 'SessionCSRF'), 'and leaves nothing behind');
    }

    /** In two tabs of one form there is one token: who sends second is told so. */
    public function testS35TwoTabsOfOneFormAreOneToken(): void
    {
        $visitor = self::visitor();
        [$one, $other] = [self::call($visitor, 'getSingleUseToken', 'order'), self::call($visitor, 'getSingleUseToken', 'order')];
        self::assertSame($one['name'], $other['name']);
        self::assertNotSame($one['value'], $other['value']);
        self::assertTrue(self::post($visitor, self::form($other), ['hasValidToken', 'order']));
        self::assertFalse(self::post($visitor, self::form($one), ['hasValidToken', 'order']));
    }

    /** The use was saved before the answer: also when the request dies right after. */
    public function testS35TheUseIsSavedBeforeTheAnswer(): void
    {
        $visitor = self::visitor();
        $token = self::call($visitor, 'getSingleUseToken', 'order');
        $directory = new TemporaryDirectory();
        $file = "$directory->path/worker";
        $ask = static function () use ($visitor, $token, $file): Generator {
            $killed = yield [$visitor, new Request('/csrf-killed.php?' . http_build_query(['file' => $file]), self::form($token))];
            self::assertFalse($killed->isAcknowledged(), (string) $killed);
        };
        $isKilled = false;
        Crowd::run([$ask()], static function () use ($file, &$isKilled): void {
            if (!$isKilled && file_exists($file)) {
                $isKilled = posix_kill((int) file_get_contents($file), SIGKILL);
            }
        });
        $directory->remove();
        self::assertTrue($isKilled, 'the token was taken');
        self::assertFalse(self::post($visitor, self::form($token), ['hasValidToken', 'order']));
    }

    public function testTheHundredYoungestStay(): void
    {
        $visitor = self::visitor();
        $tokens = self::results(self::load($visitor, ...array_fill(0, 101, ['getSingleUseToken'])));
        $check = static fn (array $token): mixed => self::post($visitor, self::form($token), ['hasValidToken', $token['id']]);
        self::assertFalse($check($tokens[0]), 'the oldest gave way');
        self::assertTrue($check($tokens[1]));
        self::assertTrue($check($tokens[100]));
    }

    public function testOfOtherIdsNoneIsUsedUp(): void
    {
        $visitor = self::visitor();
        [$one, $other, $plain] = self::results(self::load($visitor, ['getSingleUseToken'], ['getSingleUseToken'], ['getToken']));
        self::assertTrue(self::post($visitor, self::form($one), ['hasValidToken', $one['id']]));
        self::assertTrue(self::post($visitor, self::form($plain)));
        self::assertTrue(self::post($visitor, self::form($other), ['hasValidToken', $other['id']]));
    }

    /** Its answer is of what is stored now, not of what was when it began. */
    public function testARequestThatBeganBeforeTheUseDoesNotAcceptItAgain(): void
    {
        $visitor = self::visitor();
        $token = self::call($visitor, 'getSingleUseToken', 'order');
        $late = self::callLate(
            $visitor,
            'hasValidToken',
            ['order'],
            static fn () => self::assertTrue(self::post($visitor, self::form($token), ['hasValidToken', 'order'])),
            self::form($token)
        );
        self::assertFalse($late);
    }

    /** A request that began before and saves later does not bring it back. */
    public function testASlowRequestDoesNotBringAUsedTokenBack(): void
    {
        $visitor = self::visitor();
        $token = self::call($visitor, 'getSingleUseToken', 'order');
        $posted = null;
        self::callLate($visitor, 'set', ['by', 'slow'], static function () use (&$posted, $visitor, $token): void {
            $posted = self::post($visitor, self::form($token), ['hasValidToken', 'order']);
        });
        self::assertTrue($posted);
        self::assertSame('slow', self::call($visitor, 'get', 'by'));
        self::assertFalse(self::post($visitor, self::form($token), ['hasValidToken', 'order']));
    }
}
