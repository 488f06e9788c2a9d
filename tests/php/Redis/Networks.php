<?php

declare(strict_types=1);

namespace Holdfast\Tests\Redis;

use Holdfast\Tests\Server\ServerProcess;
use Holdfast\Tests\TemporaryDirectory;

/**
 * Network namespaces, each with an interface of its own and nothing else, and a bridge that joins them to this machine: as
 * several machines behind one switch. They end with the test, also when it is killed.
 */
final class Networks
{
    private readonly TemporaryDirectory $directory;
    private readonly ServerProcess $keeper;
    private readonly string $name;

    /** The address of this machine at the bridge. */
    public readonly string $host;

    private const KEEPER = <<<'SH'
        set -eu
        name=$1 net=$2 count=$3 ready=$4
        remove() {
            trap - EXIT TERM
            for n in $(seq "$count"); do ip netns del "$name$n" || true; done
            ip link del "$name" || true
            exit
        }
        trap remove EXIT TERM
        ip link add "$name" type bridge
        ip address add "$net.1/24" dev "$name"
        ip link set "$name" up
        for n in $(seq "$count"); do
            ip netns add "$name$n"
            ip link add "$name.$n" type veth peer name eth0 netns "$name$n"
            ip link set "$name.$n" master "$name" up
            ip -n "$name$n" address add "$net.$((n + 1))/24" dev eth0
            ip -n "$name$n" link set eth0 up
        done
        touch "$ready"
        while :; do sleep 60; done
        SH;

    public function __construct(int $count)
    {
        $this->directory = new TemporaryDirectory();
        $this->name = 'hf' . bin2hex(random_bytes(4));
        // Of the addresses that are set aside for tests of networks: RFC 2544.
        $net = '198.' . random_int(18, 19) . '.' . random_int(0, 255);
        $this->host = "$net.1";
        $ready = $this->directory->path . '/ready';
        $this->keeper = new ServerProcess(
            ['sh', '-c', self::KEEPER, 'keeper', $this->name, $net, (string) $count, $ready],
            ['PATH' => getenv('PATH') . ':/usr/sbin:/sbin'],
            $this->directory->path . '/log'
        );
        $this->keeper->waitUntil(static fn (): bool => is_file($ready), 'the namespaces are there');
    }

    public function __destruct()
    {
        $this->remove();
    }

    /** Why there can be none here; null when there can. */
    public static function lack(): ?string
    {
        if (posix_geteuid() !== 0) {
            return 'only root may add network namespaces';
        }
        $probe = 'hf' . bin2hex(random_bytes(4));
        $path = 'PATH=$PATH:/usr/sbin:/sbin';
        exec("$path; { ip netns add $probe && ip link add $probe type bridge && ip link del $probe; } 2>&1", $said, $failed);
        exec("$path; ip netns del $probe 2>&1");
        return $failed === 0 ? null : 'network namespaces are not permitted here, or iproute2 is not installed: ' . implode(' ', $said);
    }

    /**
     * What runs a command in the $nth of them, from 1.
     *
     * @return list<string>
     */
    public function within(int $nth): array
    {
        return ['ip', 'netns', 'exec', $this->name . $nth];
    }

    public function remove(): void
    {
        $this->keeper->stop();
        $this->directory->remove();
    }
}
