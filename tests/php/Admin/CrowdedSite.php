<?php

declare(strict_types=1);

namespace Holdfast\Tests\Admin;

use Holdfast\Tests\Extension;
use Holdfast\Tests\Server\FpmBehindNginx;
use Holdfast\Tests\Server\ServerProcess;
use Holdfast\Tests\Server\Site;
use Holdfast\Tests\TemporaryDirectory;
use RuntimeException;

/**
 * A site with as many sessions as it is told, and others that work on them.
 */
final class CrowdedSite implements Site
{
    /** Sessions that one process stores, and processes at once. */
    private const AT_ONCE = 500;
    private const PROCESSES = 4;

    /** Browsers and addresses of the sessions. */
    private const VISITORS = [
        '192.0.2.17' => 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
        '198.51.100.4' => 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1',
        '2001:db8:40::2a' => 'Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0',
        '203.0.113.230' => 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15',
    ];

    private readonly TemporaryDirectory $directory;
    private readonly FpmBehindNginx $server;

    /** @var list<ServerProcess> */
    private array $load = [];

    public function __construct(public readonly int $sessions)
    {
        $this->directory = new TemporaryDirectory();
        $this->seed();
        $this->server = new FpmBehindNginx($this->settings());
    }

    public function url(): string
    {
        return $this->server->url();
    }

    public function log(): string
    {
        return $this->server->log();
    }

    public function stop(): void
    {
        foreach ($this->load as $process) {
            $process->stop();
        }
        $this->server->stop();
        $this->directory->remove();
    }

    /** Has others work on the store from now on. */
    public function work(): void
    {
        $id = exec(implode(' ', array_map('escapeshellarg', $this->php([
            '-r', '$session = new Session(); $session->set("shared", true)->save(); echo $session->getId();',
        ]))));
        for ($number = 0; $number < 2; ++$number) {
            $log = "{$this->directory->path}/load-$number.log";
            $this->load[] = new ServerProcess($this->php([__DIR__ . '/load.php', (string) $id]), [], $log);
        }
    }

    /** A few sessions in each process: in one request every session looks whether another one has its cookie. */
    private function seed(): void
    {
        // The store comes first: who finds it half made would wait.
        exec(implode(' ', array_map('escapeshellarg', $this->php(['-r', 'Holdfast\Store::stats();']))));
        $running = [];
        for ($first = 0; $first < $this->sessions; $first += self::AT_ONCE) {
            if (count($running) === self::PROCESSES) {
                self::finish(array_shift($running));
            }
            $visitor = intdiv($first, self::AT_ONCE) % count(self::VISITORS);
            $environment = [
                'REMOTE_ADDR' => array_keys(self::VISITORS)[$visitor],
                'HTTP_USER_AGENT' => array_values(self::VISITORS)[$visitor],
            ];
            $count = min(self::AT_ONCE, $this->sessions - $first);
            $command = $this->php([__DIR__ . '/seed.php', (string) $first, (string) $count]);
            $running[] = proc_open($command, [['file', '/dev/null', 'r']], $pipes, null, $environment + getenv());
        }
        array_map(self::finish(...), $running);
    }

    /** @param resource|false $process */
    private static function finish($process): void
    {
        if ($process === false || proc_close($process) !== 0) {
            throw new RuntimeException('The sessions could not be stored.');
        }
    }

    /**
     * @param list<string> $arguments
     * @return list<string>
     */
    private function php(array $arguments): array
    {
        return [PHP_BINARY, ...Extension::arguments($this->settings()), ...$arguments];
    }

    /** @return array<string, string|int> */
    private function settings(): array
    {
        $megabytes = 32 + intdiv($this->sessions, 400);
        return [
            'holdfast.store' => "shared://{$this->directory->path}/sessions?size={$megabytes}M",
            'holdfast.audit' => "{$this->directory->path}/audit.log",
        ];
    }
}
