<?php

declare(strict_types=1);

namespace Holdfast\Tests\Store;

use Holdfast\Tests\HoldfastTestCase;

/**
 * Issue 9: sessions are listed by page, filtered and in order, without their ids and values.
 */
final class SessionsTest extends HoldfastTestCase
{
    /** A guest, and five users' sessions of growing size. */
    private const SIX = <<<'PHP'
        (new Session(['cookie_name' => 'guest']))->set('a', 'not to be seen')->save();
        require getenv('HOLDFAST_TEST_USERS');
        foreach (['alice', 'bob', 'carol', 'alice', 'bob'] as $number => $name) {
            $session = new Session(['cookie_name' => "user$number"]);
            $session->setUserProvider(new ListedUsers());
            $session->set('a', str_repeat('x', 100 * $number));
            $session->forceLogin((new ListedUsers())->findByName($name));
            $session->save();
        }
        PHP;

    protected function setUp(): void
    {
        putenv('HOLDFAST_TEST_USERS=' . __DIR__ . '/../site/users/ListedUsers.php');
    }

    public function testASessionIsShownWithWhatItsOwnerSeesOfIt(): void
    {
        $this->passes(self::SIX . <<<'PHP'

            ['sessions' => $sessions, 'matching' => $matching] = Holdfast\Store::sessions(['user' => 'c-3']);
            assert($matching === 1 && count($sessions) === 1);
            [$shown] = $sessions;
            $session = new Session(['cookie_name' => 'user2']);
            [$owners] = $session->getSessions('c-3');
            assert(array_keys($shown) === ['handle', 'user', 'address', 'userAgent', 'created', 'authenticated', 'lastActivity',
                'expires', 'bytes', 'isRestored']);
            foreach (array_diff_key($shown, ['bytes' => 1]) as $name => $value) {
                assert($value === $owners->$name, $name);
            }
            assert($shown['user'] === 'c-3' && $shown['bytes'] > 200);
            [$guest] = Holdfast\Store::sessions(['loggedIn' => false])['sessions'];
            assert($guest['user'] === '' && $guest['address'] === '');
            $everything = serialize(Holdfast\Store::sessions());
            assert(!str_contains($everything, 'not to be seen') && !str_contains($everything, $session->getId()));
            PHP);
    }

    public function testFilters(): void
    {
        $this->passes(self::SIX . <<<'PHP'

            $matching = fn (array $query): int => Holdfast\Store::sessions($query)['matching'];
            assert($matching([]) === 6);
            assert($matching(['user' => 1]) === 2 && $matching(['user' => '1']) === 2 && $matching(['user' => 'nobody']) === 0);
            assert($matching(['loggedIn' => true]) === 5 && $matching(['loggedIn' => false]) === 1);
            assert($matching(['idle' => 0]) === 6 && $matching(['idle' => 3600]) === 0);
            [$largest, $second] = Holdfast\Store::sessions(['order' => 'bytes', 'descending' => true])['sessions'];
            assert($matching(['larger' => $largest['bytes']]) === 1 && $matching(['larger' => $second['bytes']]) === 2);
            assert($matching(['search' => 'C-3']) === 1 && $matching(['search' => substr($largest['handle'], 0, 8)]) === 1);
            assert($matching(['search' => '']) === 6);
            assert($matching(['user' => 2, 'loggedIn' => false]) === 0);
            PHP);
    }

    public function testPagesFollowEachOther(): void
    {
        $this->passes(self::SIX . <<<'PHP'

            foreach (['activity', 'created', 'expires', 'bytes', 'user', 'address'] as $order) {
                $all = array_column(Holdfast\Store::sessions(['order' => $order])['sessions'], 'handle');
                assert(count(array_unique($all)) === 6);
                $paged = [];
                for ($offset = 0; $offset < 8; $offset += 2) {
                    $page = Holdfast\Store::sessions(['order' => $order, 'offset' => $offset, 'limit' => 2]);
                    assert($page['matching'] === 6);
                    array_push($paged, ...array_column($page['sessions'], 'handle'));
                }
                assert($paged === $all, $order);
                $backwards = array_column(Holdfast\Store::sessions(['order' => $order, 'descending' => true])['sessions'], 'handle');
                assert(array_reverse($backwards) === $all, $order);
            }
            $bytes = array_column(Holdfast\Store::sessions(['order' => 'bytes'])['sessions'], 'bytes');
            $sorted = $bytes;
            sort($sorted);
            assert($bytes === $sorted);
            assert(array_column(Holdfast\Store::sessions(['order' => 'user'])['sessions'], 'user') === ['', '1', '1', '2', '2', 'c-3']);
            PHP);
    }

    public function testAnArgumentThatIsWrongIsNamed(): void
    {
        $this->passes(<<<'PHP'
            $wrong = [
                'colour' => 'red', 0 => 'x', 'user' => '', 'loggedIn' => 1, 'idle' => '60', 'larger' => -1, 'network' => '10.0.0.0/64',
                'search' => null, 'order' => 'colour', 'descending' => 'yes', 'offset' => -1, 'limit' => 1001,
            ];
            foreach ($wrong as $key => $value) {
                try {
                    Holdfast\Store::sessions([$key => $value]);
                    assert(false, (string) $key);
                } catch (Holdfast\Exception\InvalidArgument $failure) {
                    assert(str_contains($failure->getMessage(), "'$key'"), $failure->getMessage());
                }
            }
            foreach ([0, 1.5, null] as $limit) {
                try {
                    Holdfast\Store::sessions(['limit' => $limit]);
                    assert(false);
                } catch (Holdfast\Exception\InvalidArgument) {
                }
            }
            $limit = 2;
            assert(Holdfast\Store::sessions(['limit' => &$limit]) === ['sessions' => [], 'matching' => 0]);
            PHP);
    }

    public function testAListOfHundredsComesInPagesOfFifty(): void
    {
        $this->passes(<<<'PHP'
            for ($number = 0; $number < 300; ++$number) {
                (new Session(['cookie_name' => "c$number"]))->set('n', $number)->save();
            }
            $first = Holdfast\Store::sessions();
            assert(count($first['sessions']) === 50 && $first['matching'] === 300);
            assert(count(Holdfast\Store::sessions(['limit' => 1000])['sessions']) === 300);
            assert(Holdfast\Store::sessions(['offset' => PHP_INT_MAX])['sessions'] === []);
            PHP);
    }
}
