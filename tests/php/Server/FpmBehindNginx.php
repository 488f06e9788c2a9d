<?php

declare(strict_types=1);

namespace Holdfast\Tests\Server;

use Holdfast\Tests\Extension;
use Holdfast\Tests\TemporaryDirectory;
use RuntimeException;

/**
 * php-fpm with 8 workers behind nginx, as a site runs in production. Needs no privileges, and works as root too.
 *
 * One nginx serves the same pages at two addresses; PHP takes requests to the second for HTTPS.
 */
final class FpmBehindNginx implements Site
{
    public const WORKERS = 8;

    private const ATTEMPTS_TO_BIND = 5;

    private readonly TemporaryDirectory $directory;
    private readonly ServerProcess $fpm;
    private ServerProcess $nginx;
    private string $url = '';
    private string $httpsUrl = '';
    private int $master = 0;
    private string $configuration = '';

    /**
     * @param array<string, string|int|list<string>> $settings
     * @param string|null $workerUser the user that the workers run as; only root can choose
     * @param list<string> $within the command that runs php-fpm, if another place than this process's is to be its: nginx is
     *   here, and reaches it by a file
     * @param string|null $frontController what nginx asks for in place of a path that is no file's, in its own words; then
     *   files that are no scripts are its to send
     */
    public function __construct(
        array $settings,
        private readonly string $pages = self::PAGES,
        private readonly ?string $workerUser = null,
        private readonly array $within = [],
        private readonly ?string $frontController = null
    ) {
        $this->directory = new TemporaryDirectory();
        $this->fpm = $this->startFpm($settings);
        for ($attempt = 1; !$this->startNginx(); ++$attempt) {
            if ($attempt === self::ATTEMPTS_TO_BIND) {
                throw new RuntimeException("nginx does not start.\n" . $this->log());
            }
        }
    }

    public function url(): string
    {
        return $this->url;
    }

    /** The address at which PHP sees HTTPS. */
    public function httpsUrl(): string
    {
        return $this->httpsUrl;
    }

    public function log(): string
    {
        $logs = '';
        foreach (glob($this->path('*.log')) ?: [] as $file) {
            $logs .= '--- ' . basename($file) . "\n" . file_get_contents($file);
        }
        return $logs;
    }

    public function stop(): void
    {
        $this->nginx->stop();
        $this->fpm->stop();
        $this->directory->remove();
    }

    /** @return list<int> the process ids of the workers that are alive now */
    public function workers(): array
    {
        $master = $this->master();
        $children = @file_get_contents("/proc/$master/task/$master/children");
        return array_map('intval', preg_split('/ /', (string) $children, -1, PREG_SPLIT_NO_EMPTY) ?: []);
    }

    /** Has the master begin anew, with workers that read the settings and load the extension anew. */
    public function reload(): void
    {
        posix_kill($this->master(), SIGUSR2);
    }

    /**
     * Reloads with these settings for the pool, in place of those that it was started with.
     *
     * @param array<string, string> $settings
     */
    public function reloadWith(array $settings): void
    {
        $values = '';
        foreach ($settings as $name => $value) {
            $values .= "\nphp_admin_value[$name] = \"$value\"";
        }
        file_put_contents($this->path('fpm.conf'), $this->configuration . $values . "\n");
        $this->reload();
    }

    /** The master's process id: also a reload leaves it the same. 0 as long as the file for it is empty. */
    private function master(): int
    {
        return $this->master = $this->master ?: (int) file_get_contents($this->path('fpm.pid'));
    }

    /** @param array<string, string|int|list<string>> $settings */
    private function startFpm(array $settings): ServerProcess
    {
        $workers = self::WORKERS;
        $user = $this->workerUser === null ? '' : "user = {$this->workerUser}";
        $this->configuration = <<<INI
            [global]
            daemonize = no
            error_log = {$this->path('fpm.log')}
            pid = {$this->path('fpm.pid')}
            ; A reload lets requests end that have begun.
            process_control_timeout = 20
            [site]
            $user
            listen = {$this->path('fpm.sock')}
            listen.mode = 0666
            pm = static
            pm.max_children = $workers
            catch_workers_output = yes
            decorate_workers_output = no
            INI;
        file_put_contents($this->path('fpm.conf'), $this->configuration);
        $settings += ['display_errors' => '0', 'log_errors' => 1];
        $fpm = new ServerProcess(
            [...$this->within, self::fpmBinary(), ...Extension::arguments($settings), '-F', '-R', '-y', $this->path('fpm.conf')],
            [],
            $this->path('fpm-output.log')
        );
        $fpm->waitUntil(
            fn (): bool => is_file($this->path('fpm.pid'))
                && file_exists($this->path('fpm.sock'))
                && count($this->workers()) === self::WORKERS,
            'php-fpm has all its workers'
        );
        return $fpm;
    }

    /** False when somebody else was given one of the ports in between. */
    private function startNginx(): bool
    {
        [$port, $httpsPort] = self::freePorts();
        $location = $this->frontController === null
            ? 'location / {'
            : "location / { try_files \$uri {$this->frontController}; }\n        location ~ \\.php\$ {";
        $common = <<<NGINX
            root {$this->pages};
                    $location
                        fastcgi_pass unix:{$this->path('fpm.sock')};
                        fastcgi_param SCRIPT_FILENAME \$document_root\$fastcgi_script_name;
                        fastcgi_param DOCUMENT_ROOT \$document_root;
                        fastcgi_param SCRIPT_NAME \$fastcgi_script_name;
                        fastcgi_param REQUEST_URI \$request_uri;
                        fastcgi_param QUERY_STRING \$query_string;
                        fastcgi_param REQUEST_METHOD \$request_method;
                        fastcgi_param CONTENT_TYPE \$content_type;
                        fastcgi_param CONTENT_LENGTH \$content_length;
                        fastcgi_param SERVER_PROTOCOL \$server_protocol;
                        fastcgi_param SERVER_NAME \$host;
                        fastcgi_param SERVER_PORT \$server_port;
                        fastcgi_param REMOTE_ADDR \$remote_addr;
            NGINX;
        $directory = $this->directory->path;
        // Only root may and must name the user of nginx's workers: they read the socket and the pages.
        $user = posix_geteuid() === 0 ? 'user root;' : '';
        file_put_contents($this->path('nginx.conf'), <<<NGINX
            $user
            daemon off;
            worker_processes 1;
            pid $directory/nginx.pid;
            error_log $directory/nginx.log warn;
            events { worker_connections 512; }
            http {
                types { text/css css; text/javascript js; image/svg+xml svg; image/png png; font/woff2 woff2; }
                access_log off;
                client_body_temp_path $directory/nginx-body;
                proxy_temp_path $directory/nginx-proxy;
                fastcgi_temp_path $directory/nginx-fastcgi;
                uwsgi_temp_path $directory/nginx-uwsgi;
                scgi_temp_path $directory/nginx-scgi;
                large_client_header_buffers 8 64k;
                fastcgi_buffer_size 64k;
                fastcgi_buffers 8 64k;
                server {
                    listen 127.0.0.1:$port backlog=511;
                    $common
                    }
                }
                server {
                    listen 127.0.0.1:$httpsPort;
                    $common
                        fastcgi_param HTTPS on;
                    }
                }
            }
            NGINX);
        $this->nginx = new ServerProcess(
            ['nginx', '-e', $this->path('nginx.log'), '-c', $this->path('nginx.conf')],
            ['PATH' => getenv('PATH') . ':/usr/sbin:/sbin'],
            $this->path('nginx-output.log')
        );
        try {
            $this->nginx->waitUntil(static fn (): bool => self::answers($port) && self::answers($httpsPort), 'nginx answers');
        } catch (RuntimeException $failure) {
            if (str_contains($this->log(), 'Address already in use')) {
                return false;
            }
            throw new RuntimeException($failure->getMessage() . $this->log());
        }
        $this->url = "http://127.0.0.1:$port";
        $this->httpsUrl = "http://127.0.0.1:$httpsPort";
        return true;
    }

    private function path(string $name): string
    {
        return $this->directory->path . '/' . $name;
    }

    /** The php-fpm of the PHP that runs this. */
    public static function fpmBinary(): string
    {
        $version = PHP_MAJOR_VERSION . '.' . PHP_MINOR_VERSION;
        $directory = dirname(PHP_BINDIR) . '/sbin';
        foreach (["$directory/php-fpm$version", "$directory/php-fpm"] as $binary) {
            if (is_executable($binary)) {
                return $binary;
            }
        }
        throw new RuntimeException("There is no php-fpm $version.");
    }

    /** @return array{int, int} two ports that nobody listens on: nginx cannot let the system choose by itself */
    private static function freePorts(): array
    {
        $sockets = [stream_socket_server('tcp://127.0.0.1:0'), stream_socket_server('tcp://127.0.0.1:0')];
        $ports = [];
        foreach ($sockets as $socket) {
            if ($socket === false) {
                throw new RuntimeException('No port is free.');
            }
            $ports[] = (int) substr((string) strrchr((string) stream_socket_get_name($socket, false), ':'), 1);
        }
        return $ports;
    }

    private static function answers(int $port): bool
    {
        $connection = @stream_socket_client("tcp://127.0.0.1:$port", timeout: 1.0);
        if ($connection === false) {
            return false;
        }
        fclose($connection);
        return true;
    }
}
