<?php

declare(strict_types=1);

namespace Holdfast\Tests\ProcessWireModule;

use Generator;
use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\Request;
use Holdfast\Tests\Browser\Response;

/**
 * A visitor who logs in and out again and again, in one tab of a browser, while another one asks for page after page.
 */
final class Commuter
{
    /** Views in the first tab between a login and a logout. */
    private const VIEWS = 6;

    /** Who the visitor is; null while that is changing. */
    private ?string $who = 'guest';

    /** How often that has changed. */
    private int $changes = 0;

    /** How many pages the second tab has got. */
    private int $polled = 0;

    private bool $isDone = false;

    public function __construct(private readonly Visitor $visitor, private readonly string $name, private readonly string $password)
    {
    }

    /**
     * @param int $views of all, counted
     * @param int $changes logins and logouts of all, counted
     * @param list<string> $mistakes
     * @return Generator<int, array{Browser, Request}, Response, void>
     */
    public function comeAndGo(int &$views, int $wanted, int &$changes, array &$mistakes): Generator
    {
        while ($views < $wanted) {
            yield from $this->become($this->name, '/desk/?do=login&name=' . $this->name . '&pass=' . urlencode($this->password), $mistakes);
            yield from $this->look($views, $mistakes);
            $member = $this->visitor->browser->cookies;
            yield from $this->become('guest', '/desk/?do=logout', $mistakes);
            yield from $this->look($views, $mistakes);
            yield from $this->comeWith($member, $mistakes);
            // Whoever logs in again at once, with a page of the time before the logout still on its way, may get that page's
            // cookie after the login's, as in any browser.
            for ($seen = $this->polled + 2; $this->polled < $seen && $views < $wanted;) {
                yield from $this->look($views, $mistakes);
            }
            $changes += 2;
        }
        $this->isDone = true;
    }

    /**
     * The second tab.
     *
     * @param list<string> $mistakes
     * @return Generator<int, array{Browser, Request}, Response, void>
     */
    public function poll(int &$views, int $wanted, array &$mistakes): Generator
    {
        while (!$this->isDone) {
            $changes = $this->changes;
            $who = $this->who;
            $found = $this->who(yield $this->page('/desk/?set=poll'));
            ++$this->polled;
            ++$views;
            // It may be answered before or after a change that went on meanwhile.
            if ($who !== null && $changes === $this->changes && $found !== $who) {
                $mistakes[] = "$this->name polls as $who and is $found";
            }
        }
    }

    /** @param list<string> $mistakes */
    private function become(string $who, string $path, array &$mistakes): Generator
    {
        $this->who = null;
        ++$this->changes;
        $found = $this->who(yield $this->page($path));
        if ($found !== $who) {
            $mistakes[] = "$this->name should become $who and is $found";
        }
        $this->who = $who;
    }

    /** @param list<string> $mistakes */
    private function look(int &$views, array &$mistakes): Generator
    {
        for ($n = 0; $n < self::VIEWS; ++$n) {
            $found = $this->who(yield $this->page("/desk/?set=look$n"));
            ++$views;
            if ($found !== $this->who) {
                $mistakes[] = "$this->name is $this->who, and $found at view $n";
            }
        }
    }

    /**
     * @param array<string, string> $cookies of a member who has logged out
     * @param list<string> $mistakes
     */
    private function comeWith(array $cookies, array &$mistakes): Generator
    {
        $thief = new Browser($this->visitor->browser->address(new Request('')));
        $thief->cookies = $cookies;
        $found = $this->who(yield [$thief, $this->visitor->request('/desk/')]);
        if ($found !== 'guest') {
            $mistakes[] = "$this->name has logged out, and the cookies of before are $found's";
        }
    }

    /** @return array{Browser, Request} */
    private function page(string $path): array
    {
        return [$this->visitor->browser, $this->visitor->request($path)];
    }

    private function who(Response $response): string
    {
        $said = json_decode($response->body, true);
        return $response->isAcknowledged() && is_array($said) ? $said['user'] : (string) $response;
    }
}
