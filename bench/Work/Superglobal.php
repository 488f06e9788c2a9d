<?php

declare(strict_types=1);

namespace Holdfast\Bench\Work;

use RuntimeException;

/**
 * Requests with `$_SESSION`: started, used, closed.
 */
final class Superglobal
{
    /** @return list<string> the ids of new sessions */
    public static function fill(string $layout, int $count): array
    {
        $ids = [];
        for ($n = 0; $n < $count; ++$n) {
            session_id((string) session_create_id());
            self::start();
            $_SESSION = Layouts::build($layout);
            $ids[] = (string) session_id();
            session_write_close();
        }
        return $ids;
    }

    /**
     * @param string $what 'changed': one variable is read and the number changed; 'deep': a number four levels deep; 'unchanged'
     * @param list<string> $ids each is used once
     * @return int nanoseconds
     */
    public static function pass(string $layout, string $what, array $ids, int $number): int
    {
        $read = Layouts::toRead($layout);
        $began = hrtime(true);
        switch ((Layouts::isNested($layout) ? 'nested ' : '') . $what) {
            case 'changed':
                foreach ($ids as $id) {
                    session_id($id);
                    session_start();
                    $value = $_SESSION[$read];
                    $_SESSION['n'] = $number;
                    session_write_close();
                }
                break;
            case 'unchanged':
                foreach ($ids as $id) {
                    session_id($id);
                    session_start();
                    $value = $_SESSION[$read];
                    session_write_close();
                }
                break;
            case 'nested changed':
                foreach ($ids as $id) {
                    session_id($id);
                    session_start();
                    $value = $_SESSION['Session'][$read];
                    $_SESSION['Session']['n'] = $number;
                    session_write_close();
                }
                break;
            case 'nested unchanged':
                foreach ($ids as $id) {
                    session_id($id);
                    session_start();
                    $value = $_SESSION['Session'][$read];
                    session_write_close();
                }
                break;
            case 'nested deep':
                foreach ($ids as $id) {
                    session_id($id);
                    session_start();
                    $value = $_SESSION['Session'][$read];
                    $_SESSION['Session']['Module3']['rows'][2]['mod'] = $number;
                    session_write_close();
                }
                break;
            default:
                throw new RuntimeException("Nobody knows how to do '$what' to '$layout'.");
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
        self::pass($layout, $what, array_splice($ids, 0, 1), $number);
        return self::pass($layout, $what, $ids, $number);
    }

    /**
     * Changes sessions, one after the other, for some time.
     *
     * @param list<string> $ids
     * @return array{cycles: int, nanoseconds: int}
     */
    public static function run(string $layout, array $ids, int $milliseconds): array
    {
        $cycles = $nanoseconds = 0;
        while ($nanoseconds < $milliseconds * 1_000_000) {
            $nanoseconds += self::pass($layout, 'changed', $ids, $cycles);
            $cycles += count($ids);
        }
        return ['cycles' => $cycles, 'nanoseconds' => $nanoseconds];
    }

    /**
     * @param list<string> $ids
     * @return list<string> a digest of all that is in each session
     */
    public static function digests(array $ids): array
    {
        $digests = [];
        foreach ($ids as $id) {
            session_id($id);
            self::start();
            $digests[] = md5(serialize($_SESSION));
            session_write_close();
        }
        return $digests;
    }

    private static function start(): void
    {
        if (!session_start()) {
            throw new RuntimeException('The session does not start.');
        }
    }
}
