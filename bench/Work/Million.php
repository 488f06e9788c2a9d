<?php

declare(strict_types=1);

namespace Holdfast\Bench\Work;

use Redis;

/**
 * Very many small sessions, and what they cost.
 */
final class Million
{
    private const LAYOUT = 'arrays5';

    /**
     * @param string $file gets the ids, which all have one length, one after the other
     * @return array{nanoseconds: int, length: int}
     */
    public static function create(string $file, int $count): array
    {
        $variables = Layouts::build(self::LAYOUT);
        $ids = '';
        $began = hrtime(true);
        for ($n = 0; $n < $count; ++$n) {
            session_id((string) session_create_id());
            session_start();
            $_SESSION = $variables;
            $ids .= session_id();
            session_write_close();
        }
        $nanoseconds = hrtime(true) - $began;
        file_put_contents($file, $ids, FILE_APPEND);
        return ['nanoseconds' => $nanoseconds, 'length' => intdiv(strlen($ids), $count)];
    }

    /**
     * Uses sessions here and there among all of them.
     *
     * @param string $file has their ids
     * @return array{nanoseconds: int, found: int}
     */
    public static function touch(string $file, int $count, string $what, int $seed): array
    {
        $ids = fopen($file, 'r');
        $length = strlen((string) session_create_id());
        $last = intdiv((int) filesize($file), $length) - 1;
        mt_srand($seed);
        $chosen = [];
        for ($n = 0; $n < $count; ++$n) {
            fseek($ids, $length * mt_rand(0, $last));
            $chosen[] = (string) fread($ids, $length);
        }
        $nanoseconds = Superglobal::pass(self::LAYOUT, $what, $chosen, $seed);
        // A lost session would be a fast one.
        $found = 0;
        $expected = md5(serialize(Layouts::build(self::LAYOUT, $seed)));
        foreach (array_slice($what === 'changed' ? $chosen : [], 0, 10) as $id) {
            $found += (int) (Superglobal::digests([$id]) === [$expected]);
        }
        return ['nanoseconds' => $nanoseconds, 'found' => $found];
    }

    /** @return array{bytes: int|null} what the store of this kind of session uses, as it says itself */
    public static function memory(): array
    {
        $handler = (string) ini_get('session.save_handler');
        if ($handler === 'holdfast') {
            return ['bytes' => Figures::ofStore()['Bytes used']];
        }
        if ($handler === 'redis') {
            $redis = new Redis();
            $redis->connect(substr((string) ini_get('session.save_path'), strlen('unix://')));
            return ['bytes' => $redis->info('memory')['used_memory']];
        }
        if (function_exists('apcu_sma_info')) {
            $memory = apcu_sma_info(true);
            return ['bytes' => $memory['num_seg'] * $memory['seg_size'] - $memory['avail_mem']];
        }
        return ['bytes' => null];
    }
}
