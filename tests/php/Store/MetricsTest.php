<?php

declare(strict_types=1);

namespace Holdfast\Tests\Store;

use Holdfast\Tests\Cli\PhpCli;
use Holdfast\Tests\Server\SiteTestCase;
use Holdfast\Tests\TemporaryDirectory;

/**
 * Issue 9, S29: the figures of the store for Prometheus; nothing secret in them.
 */
final class MetricsTest extends SiteTestCase
{
    /** One line of the text format: a name, perhaps a label, and a number. */
    private const SAMPLE = '/^(holdfast_[a-z_]+)(?:\{shard="(\d+)"\})? (\d+)$/D';

    /** @return array<string, int> the samples by name, those of parts with their number */
    private static function samples(string $text): array
    {
        self::assertStringEndsWith("\n", $text);
        $samples = $types = [];
        foreach (explode("\n", $text, -1) as $line) {
            if (preg_match('/^# TYPE (\S+) (gauge|counter)$/D', $line, $type) === 1) {
                self::assertArrayNotHasKey($type[1], $types);
                $types[$type[1]] = $type[2];
                continue;
            }
            if (str_starts_with($line, '# HELP ')) {
                continue;
            }
            self::assertSame(1, preg_match(self::SAMPLE, $line, $found), $line);
            self::assertArrayHasKey($found[1], $types, 'its type comes first');
            self::assertSame($types[$found[1]] === 'counter', str_ends_with($found[1], '_total'), $line);
            $samples[$found[1] . $found[2]] = (int) $found[3];
        }
        return $samples;
    }

    public function testAllFiguresAreThere(): void
    {
        self::visitor()->get('/steps.php?do=set');
        $answer = self::visitor()->get('/metrics.php');
        self::assertSame(['text/plain; version=0.0.4; charset=utf-8'], $answer->header('Content-Type'));
        self::assertSame([], $answer->cookies());
        $samples = self::samples($answer->body);
        $stats = json_decode(self::visitor()->get('/store.php?calls=[["stats",[]]]')->body, true)[0];
        self::assertSame(1, $samples['holdfast_up']);
        foreach ($stats as $name => $value) {
            if (is_int($value) && $name !== 'now') {
                self::assertSame($value, $samples["holdfast_{$name}_total"] ?? $samples["holdfast_$name"] ?? null, $name);
            }
        }
        foreach ($stats['parts'] as $number => $part) {
            self::assertSame($part['used_bytes'], $samples["holdfast_shard_used_bytes$number"]);
            self::assertSame($part['sessions'], $samples["holdfast_shard_sessions$number"]);
        }
        self::assertGreaterThan(0, $samples['holdfast_commits_total']);
    }

    public function testWhatEachProcessCountsForItselfIsNoFigureOfTheStore(): void
    {
        $directory = new TemporaryDirectory();
        $cli = new PhpCli($directory->path, ['holdfast.store' => 'memory:']);
        $samples = self::samples($cli->runFile(dirname(__DIR__, 3) . '/php/metrics/holdfast-metrics.php')->output);
        $directory->remove();
        self::assertSame(1, $samples['holdfast_up']);
        self::assertArrayHasKey('holdfast_sessions', $samples);
        self::assertSame([], array_filter(array_keys($samples), static fn (string $name): bool => str_ends_with($name, '_total')));
    }

    public function testS29NeitherPlaceNorPasswordIsShownWhenTheStoreIsAway(): void
    {
        $directory = new TemporaryDirectory();
        $cli = new PhpCli($directory->path, ['holdfast.store' => 'redis://:hunter2@127.0.0.1:1']);
        $result = $cli->runFile(dirname(__DIR__, 3) . '/php/metrics/holdfast-metrics.php');
        $directory->remove();
        self::assertSame(['holdfast_up' => 0], self::samples($result->output));
        self::assertSame('', $result->errors);
        self::assertStringNotContainsString('hunter2', $result->output);
    }
}
