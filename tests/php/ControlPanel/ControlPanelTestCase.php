<?php

declare(strict_types=1);

namespace Holdfast\Tests\ControlPanel;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\Crowd;
use Holdfast\Tests\Browser\Request;
use Holdfast\Tests\Browser\Response;
use Holdfast\Tests\Userdata\UserdataTestCase;

/**
 * Tests over a site of ExpressionEngine's kind, with a control panel.
 */
abstract class ControlPanelTestCase extends UserdataTestCase
{
    protected const ALICE = 1;
    protected const BOB = 2;
    protected const NOBODY = 4711;

    /** What a request asks who wants to know what the session may. */
    protected const STATE = [['userdata', 'member_id'], ['userdata', 'admin_sess'], ['userdata', 'can_debug']];

    protected function setUp(): void
    {
        parent::setUp();
        $this->members([]);
    }

    /**
     * @param list<list<mixed>> $calls
     * @param array<string, mixed> $options of the session
     */
    protected function page(array $calls, array $options = [], string $provider = 'members', string $path = '/userdata.php'): Request
    {
        $named = array_map(static fn (array $call): array => [array_shift($call), $call], $calls);
        return new Request($path, [
            'calls' => json_encode($named, JSON_THROW_ON_ERROR),
            'directory' => $this->directory->path,
            'options' => json_encode((object) $options, JSON_THROW_ON_ERROR),
            'provider' => $provider,
        ]);
    }

    /**
     * Calls methods in one request with these options.
     *
     * @param array<string, mixed> $options
     * @param list<mixed> ...$calls
     * @return list<mixed>
     */
    protected function askWith(array $options, Browser $visitor, array ...$calls): array
    {
        return self::said($visitor->send($this->page($calls, $options)))['results'];
    }

    /** A member with a session for the control panel. */
    protected function admin(): Browser
    {
        $visitor = self::visitor();
        $this->ask($visitor, ['create_new_session', self::ALICE, true, true]);
        self::assertSame([self::ALICE, 1, 'y'], $this->ask($visitor, ...self::STATE));
        return $visitor;
    }

    /**
     * Sends a request that calls 'stop', and while it stands there does something else.
     *
     * @param callable(): void $meanwhile
     */
    protected function whileItStands(Browser $visitor, Request $request, callable $meanwhile): Response
    {
        $file = $this->directory->path . '/stopped';
        $answer = null;
        $ask = static function () use ($visitor, $request, &$answer): iterable {
            $answer = yield [$visitor, $request];
        };
        $hasStood = false;
        Crowd::run([$ask()], static function () use ($file, $meanwhile, &$hasStood): void {
            clearstatcache();
            if (!$hasStood && file_exists($file)) {
                $hasStood = true;
                $meanwhile();
                unlink($file);
            }
        });
        self::assertTrue($hasStood);
        return $answer;
    }

    /** Another browser with the same cookies: what it is sent stays its own. */
    protected static function tabOf(Browser $visitor): Browser
    {
        $tab = self::visitor();
        $tab->cookies = $visitor->cookies;
        return $tab;
    }
}
