<?php

declare(strict_types=1);

namespace Holdfast\Bench\Peers;

use Holdfast\Tests\Server\ServerProcess;
use Holdfast\Tests\TemporaryDirectory;
use RuntimeException;

/**
 * A memcached of our own, on a unix socket and on no port.
 */
final class MemcachedServer
{
    private readonly TemporaryDirectory $directory;
    private readonly ServerProcess $server;

    public function __construct()
    {
        $this->directory = new TemporaryDirectory();
        // -I: the largest session that is measured is larger than memcached's default allows.
        $options = ['-s', $this->socket(), '-m', '512', '-I', '16m', '-t', '4'];
        $user = posix_geteuid() === 0 ? ['-u', 'root'] : [];
        $this->server = new ServerProcess(['memcached', ...$options, ...$user], [], $this->directory->path . '/log');
        try {
            $this->server->waitUntil(fn (): bool => $this->version() !== '', 'memcached answers');
        } catch (RuntimeException $failure) {
            $this->stop();
            throw $failure;
        }
    }

    public function socket(): string
    {
        return $this->directory->path . '/memcached.sock';
    }

    /** '' while it does not answer. */
    public function version(): string
    {
        $connection = @stream_socket_client('unix://' . $this->socket(), timeout: 1.0);
        if ($connection === false) {
            return '';
        }
        fwrite($connection, "version\r\n");
        $answer = (string) fgets($connection);
        fclose($connection);
        return preg_match('/^VERSION (\S+)/', $answer, $found) === 1 ? "memcached $found[1]" : '';
    }

    public function stop(): void
    {
        $this->server->stop();
        $this->directory->remove();
    }
}
