<?php

/**
 * Compares what the main paths cost, in instructions, with the baseline; or writes the baseline anew.
 *
 * With another PHP, compiler, valgrind, libc or machine than the baseline's the counts are printed and judge nothing.
 *
 * Usage: php check.php [baseline]
 */

declare(strict_types=1);

namespace Holdfast\Bench\Instructions;

use RuntimeException;

require dirname(__DIR__, 2) . '/tests/php/bootstrap.php';

const FILE = __DIR__ . '/baseline.json';

try {
    $counts = Callgrind::count(Runs::paths());
    if (($argv[1] ?? '') === 'baseline') {
        (new Baseline(Conditions::here(), $counts))->write(FILE);
    }
    $baseline = Baseline::read(FILE);
    [$lines, $failures, $cheaper] = $baseline->compare($counts);
    foreach ($lines as $line) {
        echo "    $line\n";
    }
    $differences = Conditions::differences($baseline->conditions);
    if ($differences !== []) {
        echo '    SKIPPED: not the conditions that the baseline holds for: ', implode(', ', $differences), "\n";
        exit(0);
    }
    if ($failures !== []) {
        fwrite(STDERR, sprintf("More than %d %% dearer than the baseline, or not in it:\n", Baseline::MARGIN));
        fwrite(STDERR, implode("\n", $failures) . "\nIf it must be so: make instructions-baseline, and say why in the commit.\n");
        exit(1);
    }
    if ($cheaper !== []) {
        echo "    Cheaper by more than that: 'make instructions-baseline' keeps it so.\n";
    }
} catch (RuntimeException $failure) {
    fwrite(STDERR, "{$failure->getMessage()}\n");
    exit(1);
}
