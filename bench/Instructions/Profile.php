<?php

declare(strict_types=1);

namespace Holdfast\Bench\Instructions;

use RuntimeException;

/**
 * Where the instructions of a path are spent, by what callgrind_annotate says of two runs.
 */
final class Profile
{
    /**
     * Areas by what their files, functions or libraries are called; the first that fits counts.
     *
     * @var array<string, string>
     */
    private const AREAS = [
        'ids and keys: SHA-256' => '~/(sha2|hmac|digest|block-buffer|cmov|subtle|data-encoding)-\d|sha2::|hmac::~',
        'checksums and digests: xxh3' => '~xxhash|xxh3|twox~',
        'memory: malloc, free, emalloc' => '~/malloc/|_emalloc|_efree|_erealloc|_safe_|raw_vec|/alloc/src/alloc\.rs|zend_mm~',
        'bytes copied and compared' => '~mem(move|cpy|cmp|set|chr)[-_]|/string/~',
        'values to bytes and back' => '~crates/core/src/codec|(^|/)src/codec/~',
        'the engine' => '~crates/core/src/engine~',
        'the life of a session, in the core' => '~crates/core/src/~',
        'the worker cache' => '~(^|/)src/worker_cache~',
        'access to PHP\'s values' => '~(^|/)src/zend/|/include/php/~',
        'the extension: handler, request, class' => '~(^|/)src/(request|csrf|save_handler|session|settings|server|store|audit|hooks|module)~',
        'finding PHP\'s functions (the dynamic linker)' => '~ld-linux|/elf/~',
        'Rust\'s own library, inlined' => '~^/rustc/|/library/(core|alloc|std)/|/\.cargo/~',
        'PHP' => '~/php[\d.]*\]|/sbin/php-fpm|php[\d.]*\]$~',
    ];

    private const REST = 'everything else';

    /** @param array<string, float> $instructions of a cycle, by function with its file and library */
    private function __construct(private readonly array $instructions)
    {
    }

    /**
     * @param string $few what callgrind wrote about a run of $fewCycles
     * @param string $many about one of $manyCycles
     */
    public static function between(string $few, int $fewCycles, string $many, int $manyCycles): self
    {
        [$before, $after] = [self::annotate($few), self::annotate($many)];
        $instructions = [];
        foreach ($after as $function => $count) {
            $instructions[$function] = ($count - ($before[$function] ?? 0)) / ($manyCycles - $fewCycles);
        }
        arsort($instructions);
        return new self($instructions);
    }

    public function total(): float
    {
        return array_sum($this->instructions);
    }

    /** @return array<string, float> instructions of a cycle by area, the dearest first */
    public function areas(): array
    {
        $areas = [];
        foreach ($this->instructions as $function => $count) {
            $areas[self::area($function)] = ($areas[self::area($function)] ?? 0.0) + $count;
        }
        arsort($areas);
        return $areas;
    }

    private static function area(string $function): string
    {
        foreach (self::AREAS as $area => $pattern) {
            if (preg_match($pattern, $function) === 1) {
                return $area;
            }
        }
        return self::REST;
    }

    /** @return array<string, int> instructions by function */
    private static function annotate(string $file): array
    {
        $command = 'callgrind_annotate --threshold=100 --auto=no --show-percs=no ' . escapeshellarg($file) . ' 2>/dev/null';
        preg_match_all('/^ *([\d,]+)  (?!PROGRAM TOTALS)(\S.*)$/m', (string) shell_exec($command), $lines, PREG_SET_ORDER);
        $instructions = [];
        foreach ($lines as [, $count, $function]) {
            $instructions[$function] = ($instructions[$function] ?? 0) + (int) str_replace(',', '', $count);
        }
        if ($instructions === []) {
            throw new RuntimeException("callgrind_annotate says nothing of $file.");
        }
        return $instructions;
    }
}
