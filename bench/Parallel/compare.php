<?php

/**
 * make compare: what one visitor's parallel requests keep, with PHP files, phpredis and Holdfast. Writes the table into
 * README.md when all of it has run.
 *
 * Usage: php compare.php [ROUNDS]
 */

declare(strict_types=1);

namespace Holdfast\Bench\Parallel;

use Holdfast\Tests\TemporaryDirectory;
use RuntimeException;

$root = dirname(__DIR__, 2);
$redis = $comparison = $memory = null;
$status = 0;
try {
    // An interrupt is an exception, so that `finally` ends and removes what was started.
    if (function_exists('pcntl_async_signals')) {
        pcntl_async_signals(true);
        foreach ([SIGINT, SIGTERM, SIGHUP] as $signal) {
            pcntl_signal($signal, static fn () => throw new RuntimeException('interrupted; README.md stays as it was.'));
        }
    }
    require $root . '/tests/php/bootstrap.php';

    $rounds = filter_var($argv[1] ?? '10', FILTER_VALIDATE_INT, ['options' => ['min_range' => 1]]);
    if ($rounds === false) {
        throw new RuntimeException("ROUNDS is a whole number from 1, not '$argv[1]'.");
    }
    $readme = $root . '/README.md';
    // Found out before the minutes of the run rather than after them.
    Report::insert((string) file_get_contents($readme), '');

    $memory = new TemporaryDirectory(Machine::tmpfs());
    mkdir($memory->path . '/files', 0700);
    $redis = new RedisServer();
    $contestants = Contestants::all($memory->path, $redis->socket());
    $machine = Machine::describe($redis);
    echo "--> Comparing what parallel requests keep, on $machine\n";
    if (($warning = Machine::warning()) !== null) {
        echo "$warning\n";
    }
    echo "    In each round: wall time, and what is kept: variables + three levels deep + items + counted.\n";
    foreach ($contestants as $at => $contestant) {
        printf("    %d: %s\n", $at + 1, strtr($contestant->name, ['`' => '', '**' => '']));
    }

    $comparison = new Comparison($contestants);
    $outcomes = $comparison->run($rounds, static function (int $round, array $results) use ($rounds): void {
        printf('round %d of %d', $round, $rounds);
        foreach ($results as $at => $result) {
            $kept = [$result->keys, $result->deep, $result->items, $result->counted];
            printf(' | %d: %d ms, %s', $at + 1, round($result->seconds * 1000), implode('+', $kept));
        }
        echo "\n";
    });

    $report = Report::markdown($outcomes, $machine);
    file_put_contents($readme, Report::insert((string) file_get_contents($readme), $report));
    echo "\n$report\n\n--> Written into README.md\n";
} catch (RuntimeException $failure) {
    fwrite(STDERR, "make compare: {$failure->getMessage()}\n");
    $status = 1;
} finally {
    $comparison?->stop();
    $redis?->stop();
    $memory?->remove();
}
exit($status);
