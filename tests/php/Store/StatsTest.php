<?php

declare(strict_types=1);

namespace Holdfast\Tests\Store;

use Holdfast\Tests\HoldfastTestCase;

/**
 * Issue 9: the figures of the store, in PHP and in phpinfo; nothing secret in them (S29).
 */
final class StatsTest extends HoldfastTestCase
{
    private const FIGURES = [
        'sessions', 'guests', 'used_bytes', 'capacity_bytes', 'commits', 'conflicts', 'merges', 'waits', 'throttled',
        'expired', 'evicted', 'refused', 'recovered_locks', 'repairs', 'damaged',
    ];

    public function testAllFiguresAreIntegersAndThoseOfTheShardsAddUp(): void
    {
        $figures = var_export(self::FIGURES, true);
        $users = var_export(__DIR__ . '/../site/users/ListedUsers.php', true);
        $this->passes(<<<PHP
            require $users;
            (new Session())->set('a', 1)->save();
            \$member = new Session(['cookie_name' => 'member']);
            \$member->setUserProvider(new ListedUsers());
            \$member->forceLogin((new ListedUsers())->findByName('alice'));
            \$member->save();
            \$stats = Holdfast\\Store::stats();
            assert(array_keys(\$stats) === [...$figures, 'parts', 'store', 'now']);
            foreach ($figures as \$figure) {
                assert(is_int(\$stats[\$figure]), \$figure);
            }
            assert(\$stats['sessions'] > 0 && \$stats['guests'] === 1 && \$stats['commits'] > 0);
            assert(\$stats["used_bytes"] > 0 && \$stats["used_bytes"] < \$stats["capacity_bytes"] && \$stats["capacity_bytes"] <= 16 << 20);
            assert(abs(\$stats['now'] - time()) < 60);
            assert(str_starts_with(\$stats['store'], 'shared://') && str_contains(\$stats['store'], '/sessions'));
            assert(count(\$stats['parts']) > 1 && array_is_list(\$stats['parts']));
            foreach (\$stats['parts'] as \$part) {
                assert(array_keys(\$part) === $figures);
            }
            foreach (['sessions', 'guests', 'commits', 'expired'] as \$figure) {
                assert(array_sum(array_column(\$stats['parts'], \$figure)) === \$stats[\$figure], \$figure);
            }
            PHP);
    }

    public function testMergesThrottledLoginsAndCommitsAreCounted(): void
    {
        $users = var_export(__DIR__ . '/../site/users/ListedUsers.php', true);
        $this->passes(<<<PHP
            require $users;
            \$before = Holdfast\\Store::stats();
            \$one = new Session();
            \$one->set('list', ['a'])->save();
            \$other = new Session(['cookie_name' => 'other']);
            \$other->set('b', 1)->save();
            \$other->setUserProvider(new ListedUsers());
            for (\$attempt = 0; \$attempt < 30; ++\$attempt) {
                \$other->login('alice', 'wrong');
            }
            \$after = Holdfast\\Store::stats();
            assert(\$after['commits'] >= \$before['commits'] + 2);
            assert(\$after['throttled'] > \$before['throttled']);
            PHP);
    }

    public function testPhpinfoNamesTheStoreAndHasEveryFigure(): void
    {
        $shown = $this->cli()->run('phpinfo(INFO_MODULES);')->output;
        self::assertMatchesRegularExpression('~^Store => shared://.*/sessions~m', $shown);
        foreach (
            ['Records of guests', 'Commits that were merged', 'Locks that were not free at once', 'Logins that had to wait', 'Damaged records dropped'] as $row
        ) {
            self::assertMatchesRegularExpression("~^$row => \\d+$~m", $shown);
        }
    }

    public function testEachPoolSeesTheStoreOfItsOwnSettings(): void
    {
        $there = $this->cli()->run('(new Session())->set("a", 1)->save(); echo json_encode(Holdfast\Store::stats());');
        $elsewhere = 'shared://' . $this->directory() . '/elsewhere?size=16M';
        $here = $this->cli(['holdfast.store' => $elsewhere])->run('echo json_encode(Holdfast\Store::stats());');
        [$there, $here] = [json_decode($there->output, true), json_decode($here->output, true)];
        self::assertStringContainsString('/elsewhere', $here['store']);
        self::assertSame([1, 0], [$there['guests'], $here['guests']]);
    }

    public function testS29AStoreThatIsAwayIsOneErrorWithoutItsPassword(): void
    {
        $this->passes(<<<'PHP'
            foreach ([fn () => Holdfast\Store::stats(), fn () => Holdfast\Store::sessions(), fn () => Holdfast\Store::endUser(1)] as $call) {
                try {
                    $call();
                    assert(false);
                } catch (Holdfast\Exception\StoreException $failure) {
                    assert(!str_contains($failure, 'hunter2') && $failure->getMessage() !== '');
                }
            }
            PHP, ['holdfast.store' => "redis://:hunter2@127.0.0.1:1"]);
    }

    public function testNoSessionIsBegunByLooking(): void
    {
        $this->passes(<<<'PHP'
            Holdfast\Store::sessions();
            $stats = Holdfast\Store::stats();
            assert($stats['guests'] === 0 && $stats['commits'] === 0);
            PHP);
    }

    public function testNobodyMakesOne(): void
    {
        $this->passes(<<<'PHP'
            $class = new ReflectionClass('Holdfast\Store');
            assert($class->isFinal() && !$class->isInstantiable());
            try { Holdfast\Store::sessions('all'); assert(false); } catch (TypeError) {}
            try { Holdfast\Store::end(); assert(false); } catch (ArgumentCountError) {}
            PHP);
    }
}
