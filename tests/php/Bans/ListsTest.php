<?php

declare(strict_types=1);

namespace Holdfast\Tests\Bans;

use Holdfast\Tests\HoldfastTestCase;

/**
 * Issue 5, 5: ban_check() of names and mail addresses, and what is wrong with a list.
 */
final class ListsTest extends HoldfastTestCase
{
    public function testEachTypeHasItsList(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $lists = ['email' => 'bad@example.org', 'username' => 'admin', 'screen_name' => 'Root'];
            foreach ($lists as $type => $name) {
                foreach ($lists as $other => $banned) {
                    assert($session->ban_check($type, $banned) === ($type === $other), "$type $banned");
                }
            }
            assert($session->ban_check('username') === false);
            assert($session->ban_check('ip') === false, 'no visitor, no address');
            PHP, [
            'holdfast.banned_emails' => 'bad@example.org',
            'holdfast.banned_usernames' => 'admin',
            'holdfast.banned_screen_names' => 'Root',
            'holdfast.banned_ips' => '0.0.0.0/0|::/0',
        ]);
    }

    public function testStarsStandForAnyBeginningOrEnd(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session(['banned_emails' => '*@spam.example|info@*| bad@example.org ||*|*casino*']);
            foreach (['a@spam.example', 'INFO@example.org', 'Bad@Example.ORG', 'my.casino@example.org'] as $banned) {
                assert($session->ban_check('email', $banned) === true, $banned);
            }
            foreach (['a@spam.example.org', 'xinfo@example.org', 'bad@example.orgs', '', '*'] as $free) {
                assert($session->ban_check('email', $free) === false, $free);
            }
            $numbers = new Session(['cookie_name' => 'other', 'banned_usernames' => 1000]);
            assert($numbers->ban_check('username', 1000) && !$numbers->ban_check('username', '1e3'));
            PHP);
    }

    public function testAListMayBeSetWhileTheScriptRuns(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            assert(!$session->ban_check('username', 'anna'));
            ini_set('holdfast.banned_usernames', 'anna');
            assert($session->ban_check('username', 'anna'));
            PHP);
    }

    public function testWhatIsWrongIsNamed(): void
    {
        $this->passes(<<<'PHP'
            $refused = static function (Session $session, array $arguments, string ...$named): void {
                try {
                    $session->ban_check(...$arguments);
                    assert(false, 'nothing was thrown');
                } catch (Holdfast\Exception\InvalidArgument $thrown) {
                    foreach ($named as $text) {
                        assert(str_contains($thrown->getMessage(), $text), $thrown->getMessage());
                    }
                }
            };
            $session = new Session();
            $refused($session, ['nation'], "'nation'", 'ip, email, username and screen_name');
            $refused($session, ['username', []], 'string');
            $refused($session, [], 'holdfast.banned_ips', "'192.0.2.300'");
            $own = new Session(['cookie_name' => 'own', 'banned_usernames' => 'a|b*c']);
            $refused($own, ['username', 'a'], "session option 'banned_usernames'", "'b*c'");
            try {
                $session->userdata('can_search');
                assert(false, 'a privilege by a list that nobody can read');
            } catch (Holdfast\Exception\InvalidArgument) {
            }
            PHP, ['holdfast.banned_ips' => '192.0.2.7|192.0.2.300']);
    }

    public function testHooksAndSubclassesDecideAlsoForUserdata(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            assert($session->nation_ban_check() === false && $session->nation_ban_check(false) === false);
            $session->addHookAfter('nation_ban_check', static fn (HookEvent $event) => $event->return = $event->arguments(0) ?? 'the default');
            assert($session->nation_ban_check() === 'the default' && $session->nation_ban_check(false) === false);
            assert($session->userdata('is_banned') === 0);
            $session->addHookAfter('ban_check', static fn (HookEvent $event) => $event->return = $event->arguments('type') === 'ip');
            assert($session->ban_check('ip') === true && $session->ban_check('email', 'x') === false);
            assert($session->userdata('is_banned') === 1 && $session->all_userdata()['can_view_online_system'] === 'n');

            class Guarded extends Session
            {
                public function ban_check($type = 'ip', $match = '')
                {
                    return true;
                }
            }
            $guarded = new Guarded(['cookie_name' => 'guarded']);
            assert($guarded->userdata('is_banned') === 1);
            PHP);
    }
}
