<?php

declare(strict_types=1);

namespace Holdfast\Tests\Userdata;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\Request;
use Holdfast\Tests\Server\SiteTestCase;
use Holdfast\Tests\TemporaryDirectory;

/**
 * Tests over a site whose members' data are in a file, and which notes each call of its provider.
 */
abstract class UserdataTestCase extends SiteTestCase
{
    protected const PASSWORDS = ['alice' => 'ecila', 'bob' => 'bob'];

    protected TemporaryDirectory $directory;

    protected static function settings(): array
    {
        return ['holdfast.throttle' => 0];
    }

    protected function setUp(): void
    {
        $this->directory = new TemporaryDirectory();
        chmod($this->directory->path, 0777);
        $this->calls();
    }

    protected function tearDown(): void
    {
        $this->directory->remove();
    }

    /** @return list<array{string, string, mixed, string}> name, type, guest default and source of each variable in the documentation */
    protected static function documented(): array
    {
        $text = (string) file_get_contents(__DIR__ . '/../../../docs/expressionengine-api.md');
        preg_match_all('/^\| `(\w+)` \| (int|string|array|y\/n) \| ([^|]+) \| ([a-z ]+) \|$/m', $text, $rows, PREG_SET_ORDER);
        return array_map(static fn (array $row): array => [$row[1], $row[2], match (true) {
            $row[3] === '`[]`' => [],
            $row[2] === 'int' => (int) $row[3],
            default => preg_match("/^`'(.*)'`$/", $row[3], $quoted) ? $quoted[1] : null,
        }, $row[4]], $rows);
    }

    /** @param array<string, mixed> $data of alice, and of bob too */
    protected function members(array $data, int|string $version = 1): void
    {
        $member = ['version' => $version, 'data' => (object) $data];
        file_put_contents($this->directory->path . '/members.json', json_encode(['alice' => $member, 'bob' => $member], JSON_THROW_ON_ERROR));
    }

    /**
     * Calls methods of the session in one request.
     *
     * @param list<mixed> ...$calls each a method with its arguments
     * @return list<mixed> what each gave
     */
    protected function ask(Browser $visitor, array ...$calls): array
    {
        return self::said($visitor->send($this->request($calls)))['results'];
    }

    /**
     * @param list<list<mixed>> $calls
     * @param array<string, string> $headers
     */
    protected function request(array $calls, string $provider = 'members', array $headers = []): Request
    {
        $named = array_map(static fn (array $call): array => [array_shift($call), $call], $calls);
        return new Request('/userdata.php', [
            'calls' => json_encode($named, JSON_THROW_ON_ERROR),
            'directory' => $this->directory->path,
            'provider' => $provider,
        ], headers: $headers);
    }

    /** A visitor who is logged in. */
    protected function member(string $name = 'alice'): Browser
    {
        $visitor = self::visitor();
        self::assertSame([$name], array_column($this->ask($visitor, ['login', $name, self::PASSWORDS[$name]]), 'name'));
        return $visitor;
    }

    /** @return list<string> the calls of the provider since it was asked last */
    protected function calls(): array
    {
        $file = $this->directory->path . '/calls';
        $calls = is_file($file) ? file($file, FILE_IGNORE_NEW_LINES) : [];
        file_put_contents($file, '');
        chmod($file, 0666);
        return $calls === false ? [] : $calls;
    }
}
