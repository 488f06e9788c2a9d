<?php

declare(strict_types=1);

namespace Holdfast\Bench\Fpm;

use RuntimeException;

/**
 * A connection to one worker of php-fpm, which stays open from request to request.
 */
final class FastCgi
{
    private const VERSION = 1;
    private const BEGIN_REQUEST = 1;
    private const END_REQUEST = 3;
    private const PARAMS = 4;
    private const STDIN = 5;
    private const STDOUT = 6;
    private const STDERR = 7;
    private const RESPONDER = 1;
    private const KEEP_CONNECTION = 1;

    /** Of one record. */
    private const MOST_BYTES = 65000;

    private const CONNECT_SECONDS = 10.0;
    private const MOST_SECONDS = 300;

    /** @var resource|null */
    private $stream;

    public function __construct(private readonly string $socket)
    {
    }

    /** Runs a script; its body comes by receive(). */
    public function send(string $script, string $body): void
    {
        $parameters = [
            'SCRIPT_FILENAME' => $script,
            'SCRIPT_NAME' => '/' . basename($script),
            'REQUEST_METHOD' => 'POST',
            'REQUEST_URI' => '/' . basename($script),
            'CONTENT_TYPE' => 'application/json',
            'CONTENT_LENGTH' => (string) strlen($body),
            'SERVER_PROTOCOL' => 'HTTP/1.1',
            'REMOTE_ADDR' => '127.0.0.1',
        ];
        $encoded = '';
        foreach ($parameters as $name => $value) {
            $encoded .= self::length($name) . self::length($value) . $name . $value;
        }
        $request = self::record(self::BEGIN_REQUEST, pack('nCx5', self::RESPONDER, self::KEEP_CONNECTION))
            . self::record(self::PARAMS, $encoded)
            . self::record(self::PARAMS, '');
        foreach ($body === '' ? [] : str_split($body, self::MOST_BYTES) as $part) {
            $request .= self::record(self::STDIN, $part);
        }
        $request .= self::record(self::STDIN, '');
        $stream = $this->stream();
        for ($written = 0; $written < strlen($request); $written += $bytes) {
            $bytes = fwrite($stream, substr($request, $written));
            if ($bytes === false || $bytes === 0) {
                throw new RuntimeException("A worker of php-fpm has gone away ({$this->socket}).");
            }
        }
    }

    /** What the script of the last send() said, without headers. */
    public function receive(): string
    {
        $output = $errors = '';
        for (;;) {
            ['type' => $type, 'bytes' => $bytes, 'padding' => $padding] = unpack('Cversion/Ctype/nid/nbytes/Cpadding/x', $this->read(8));
            $content = substr($this->read($bytes + $padding), 0, $bytes);
            match ($type) {
                self::STDOUT => $output .= $content,
                self::STDERR => $errors .= $content,
                default => null,
            };
            if ($type === self::END_REQUEST) {
                break;
            }
        }
        if ($errors !== '') {
            throw new RuntimeException("A script said: $errors");
        }
        [, $body] = explode("\r\n\r\n", $output, 2) + ['', ''];
        return $body;
    }

    /** The next request gets a connection of its own: for a worker that ends after one. */
    public function close(): void
    {
        if ($this->stream !== null) {
            fclose($this->stream);
            $this->stream = null;
        }
    }

    private static function record(int $type, string $content): string
    {
        return pack('CCnnCx', self::VERSION, $type, 1, strlen($content), 0) . $content;
    }

    private static function length(string $of): string
    {
        return strlen($of) < 128 ? chr(strlen($of)) : pack('N', strlen($of) | 0x80000000);
    }

    private function read(int $bytes): string
    {
        $read = '';
        while (strlen($read) < $bytes) {
            $part = fread($this->stream(), $bytes - strlen($read));
            if ($part === false || $part === '') {
                throw new RuntimeException("A worker of php-fpm does not answer ({$this->socket}).");
            }
            $read .= $part;
        }
        return $read;
    }

    /** @return resource */
    private function stream()
    {
        if ($this->stream === null) {
            $stream = @stream_socket_client("unix://{$this->socket}", $code, $message, self::CONNECT_SECONDS);
            if ($stream === false) {
                throw new RuntimeException("Cannot reach php-fpm at {$this->socket}: $message");
            }
            stream_set_timeout($stream, self::MOST_SECONDS);
            $this->stream = $stream;
        }
        return $this->stream;
    }
}
