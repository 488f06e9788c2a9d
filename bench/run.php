<?php

/**
 * make bench: measures Holdfast and its peers, all in turn, and writes docs/benchmarks.md.
 *
 * Usage: php run.php [--quick] [--only=ROOM,...] [--peers=PEER,...|none] [--rounds=N] [--sessions=N] [--out=DIRECTORY]
 */

declare(strict_types=1);

namespace Holdfast\Bench;

use Holdfast\Bench\Parallel\Report;
use Holdfast\Bench\Peers\Peers;
use Holdfast\Bench\Report\Document;
use RuntimeException;

$root = dirname(__DIR__);
$peers = null;
$status = 0;
try {
    // Who reads only the beginning of the output (`| head`) must not leave servers and directories behind.
    ignore_user_abort(true);
    // An interrupt is an exception, so that `finally` ends and removes what was started.
    if (function_exists('pcntl_async_signals')) {
        pcntl_async_signals(true);
        foreach ([SIGINT, SIGTERM, SIGHUP] as $signal) {
            pcntl_signal($signal, static fn () => throw new RuntimeException('interrupted; no report was written.'));
        }
    }
    require $root . '/tests/php/bootstrap.php';

    $options = Options::parse(array_slice($argv, 1), dirname(\Holdfast\Tests\Extension::path()) . '/bench');
    $warning = Machine::warning();
    $machine = Machine::describe();
    echo "--> Measuring on $machine\n", $warning === null ? '' : "    $warning\n";

    $began = microtime(true);
    $peers = new Peers($options);
    $software = [...Machine::software($peers->others()), ...$peers->versions()];
    $sections = [];
    foreach ($options->rooms as $at => $name) {
        printf("--> %s (%d of %d)\n", $name, $at + 1, count($options->rooms));
        $room = Rooms\Rooms::make($name, $options, $peers);
        $section = $room->measure(static function (string $line) use ($name): void {
            echo "    $name: $line\n";
        });
        echo "\n", $section->markdown(), "\n\n";
        $sections[] = $section;
    }
    $directory = $options->out ?? "$root/docs";
    if (!is_dir($directory)) {
        mkdir($directory, 0777, true);
    }
    (new Document($sections, $options->command(), $options->rounds, $machine, $software, $warning))->write($directory);
    foreach ($options->readme ? $sections : [] as $section) {
        if ($section->forReadme !== null) {
            $readme = "$root/README.md";
            file_put_contents($readme, Report::insert((string) file_get_contents($readme), $section->forReadme));
        }
    }
    printf("--> Written into %s/%s, after %d s\n", $directory, Document::PAGE, microtime(true) - $began);
} catch (RuntimeException $failure) {
    fwrite(STDERR, "make bench: {$failure->getMessage()}\n");
    $status = 1;
} finally {
    $peers?->stop();
}
exit($status);
