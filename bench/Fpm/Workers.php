<?php

declare(strict_types=1);

namespace Holdfast\Bench\Fpm;

use Holdfast\Tests\Extension;
use Holdfast\Tests\Server\FpmBehindNginx;
use Holdfast\Tests\Server\ServerProcess;
use Holdfast\Tests\TemporaryDirectory;
use RuntimeException;

/**
 * A php-fpm whose workers are addressed one by one, over sockets of their own. All are forked from one process, so
 * that APCu is common to them.
 *
 * What is measured is measured inside a worker: each order is a request as any other, with a beginning and an end.
 */
final class Workers
{
    public const WORKERS = 8;

    private const SCRIPT = __DIR__ . '/../Work/work.php';

    private readonly TemporaryDirectory $directory;
    private readonly ServerProcess $fpm;

    /** @var array<int|string, FastCgi> */
    private array $connections = [];

    /** @param array<string, string|int|list<string>> $settings php.ini's */
    public function __construct(array $settings)
    {
        $this->directory = new TemporaryDirectory();
        $configuration = "[global]\ndaemonize = no\nerror_log = {$this->path('fpm.log')}\nlog_level = warning\n";
        foreach (range(0, self::WORKERS - 1) as $number) {
            $configuration .= $this->pool("worker$number", '');
            $this->connections[$number] = new FastCgi($this->path("worker$number"));
        }
        // A process that has seen no session yet, for each order.
        $configuration .= $this->pool('fresh', 'pm.max_requests = 1');
        $this->connections['fresh'] = new FastCgi($this->path('fresh'));
        file_put_contents($this->path('fpm.conf'), $configuration);
        $this->fpm = new ServerProcess(
            [
                FpmBehindNginx::fpmBinary(),
                ...Extension::arguments($settings + ['display_errors' => '0', 'log_errors' => 1, 'memory_limit' => '2G']),
                '-F', '-R', '-y', $this->path('fpm.conf'),
            ],
            [],
            $this->path('output.log')
        );
        $this->fpm->waitUntil(fn (): bool => file_exists($this->path('fresh')), 'php-fpm listens');
    }

    /**
     * Has a worker do something, and waits for it.
     *
     * @param int|string $worker its number, or 'fresh' for one that has done nothing yet
     * @param array<string, mixed> $order what Work/work.php is to do
     * @return array<string, mixed> what it says of it
     */
    public function order(int|string $worker, array $order): array
    {
        return $this->orders([$worker => $order])[$worker];
    }

    /**
     * Has several workers do something at the same time.
     *
     * @param array<int|string, array<string, mixed>> $orders by worker
     * @return array<int|string, array<string, mixed>> by worker
     */
    public function orders(array $orders): array
    {
        foreach ($orders as $worker => $order) {
            $this->connections[$worker]->send((string) realpath(self::SCRIPT), json_encode($order, JSON_THROW_ON_ERROR));
        }
        $answers = [];
        foreach (array_keys($orders) as $worker) {
            $said = $this->connections[$worker]->receive();
            if ($worker === 'fresh') {
                $this->connections[$worker]->close();
            }
            $answers[$worker] = json_decode($said, true);
            if (!is_array($answers[$worker])) {
                throw new RuntimeException("A worker failed: $said\n" . $this->log());
            }
        }
        return $answers;
    }

    public function stop(): void
    {
        foreach ($this->connections as $connection) {
            $connection->close();
        }
        $this->fpm->stop();
        $this->directory->remove();
    }

    private function pool(string $name, string $more): string
    {
        return "[$name]\nlisten = {$this->path($name)}\nlisten.mode = 0600\npm = static\npm.max_children = 1\n$more\n"
            . "catch_workers_output = yes\ndecorate_workers_output = no\n";
    }

    private function path(string $name): string
    {
        return $this->directory->path . '/' . $name;
    }

    private function log(): string
    {
        return file_get_contents($this->path('fpm.log')) . $this->fpm->log();
    }
}
