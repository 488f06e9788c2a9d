<?php

declare(strict_types=1);

namespace Holdfast\Bench\Work;

use Holdfast\Session;
use RuntimeException;

/**
 * Requests with `Session`: opened, used, saved. Each session has a cookie name of its own, because a request has one
 * session of a cookie.
 */
final class SessionClass
{
    /** @return list<string> the ids of new sessions */
    public static function fill(string $layout, int $count): array
    {
        $ids = [];
        for ($n = 0; $n < $count; ++$n) {
            $session = new Session(['cookie_name' => "bench$n"]);
            foreach (Layouts::build($layout) as $name => $value) {
                $session->set($name, $value);
            }
            $session->save();
            $ids[] = $session->getId();
        }
        return $ids;
    }

    /**
     * @param string $what 'changed': one variable is read and the number changed; 'unchanged'
     * @param list<string> $ids each is used once
     * @return int nanoseconds
     */
    public static function pass(string $layout, string $what, array $ids, int $number): int
    {
        $read = Layouts::toRead($layout);
        $changes = $what === 'changed';
        $began = hrtime(true);
        foreach ($ids as $n => $id) {
            $session = new Session(['cookie_name' => "bench$n", 'id' => $id]);
            $value = $session->get($read);
            if ($changes) {
                $session->set('n', $number);
            }
            $session->close();
        }
        $nanoseconds = hrtime(true) - $began;
        if (!isset($value)) {
            throw new RuntimeException("A session is not there any more ($layout).");
        }
        return $nanoseconds;
    }

    /**
     * The same in a process that has seen none of these sessions. The first is not counted: it opens the store.
     *
     * @param list<string> $ids
     */
    public static function cold(string $layout, string $what, array $ids, int $number): int
    {
        self::pass($layout, $what, array_slice($ids, 0, 1, true), $number);
        return self::pass($layout, $what, array_slice($ids, 1, null, true), $number);
    }

    /**
     * Changes the first session again and again for some time.
     *
     * @param array<int, string> $ids by their number in fill()
     * @return array{cycles: int, nanoseconds: int}
     */
    public static function run(string $layout, array $ids, int $milliseconds): array
    {
        $read = Layouts::toRead($layout);
        $n = array_key_first($ids);
        $session = new Session(['cookie_name' => "bench$n", 'id' => $ids[$n]]);
        $session->close();
        $began = hrtime(true);
        for ($cycles = 0; hrtime(true) - $began < $milliseconds * 1_000_000; ++$cycles) {
            $session->start();
            $value = $session->get($read);
            $session->set('n', $cycles);
            $session->close();
        }
        return ['cycles' => $cycles, 'nanoseconds' => hrtime(true) - $began];
    }

    /**
     * @param list<string> $ids
     * @return list<string> a digest of all that is in each session
     */
    public static function digests(array $ids): array
    {
        $digests = [];
        foreach ($ids as $n => $id) {
            $session = new Session(['cookie_name' => "bench$n", 'id' => $id]);
            $digests[] = md5(serialize($session->getAll()));
        }
        return $digests;
    }
}
