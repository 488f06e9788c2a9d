<?php

declare(strict_types=1);

namespace Holdfast\Tests\ProcessWireModule;

use DOMDocument;
use DOMElement;
use DOMXPath;
use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\Request;
use Holdfast\Tests\Browser\Response;
use RuntimeException;

/**
 * Somebody with a browser who uses the site's pages and forms.
 */
final class Visitor
{
    public function __construct(public readonly Browser $browser, private readonly string $agent)
    {
    }

    public function get(string $path): Response
    {
        return $this->browser->send($this->request($path));
    }

    /** The page that is there in the end, after redirects. */
    public function page(string $path): Response
    {
        return $this->followed($this->get($path), $path);
    }

    public function request(string $path): Request
    {
        return new Request($path, headers: ['User-Agent' => $this->agent]);
    }

    /** @param array<string, mixed> $fields */
    public function post(string $path, array $fields): Response
    {
        return $this->browser->send(new Request($path, fields: $fields, headers: ['User-Agent' => $this->agent]));
    }

    /**
     * Sends the form of a page with what it has in it, tokens above all, and these fields.
     *
     * @param array<string, mixed> $fields
     */
    public function submit(string $path, array $fields): Response
    {
        $page = $this->page($path);
        return $this->post($path, $fields + self::hidden($page));
    }

    /**
     * As submit(); the page that is there in the end.
     *
     * @param array<string, mixed> $fields
     */
    public function press(string $path, array $fields): Response
    {
        return $this->followed($this->submit($path, $fields), $path);
    }

    public function logIn(string $name, string $password = ProcessWireSite::PASSWORD): Response
    {
        return $this->submit(
            ProcessWireSite::BACK,
            ['login_name' => $name, 'login_pass' => $password, 'login_submit' => 'Login']
        );
    }

    public function logOut(): Response
    {
        return $this->page(ProcessWireSite::BACK . 'login/logout/');
    }

    /** Does the admin take this browser for somebody who is logged in? */
    public function isIn(): bool
    {
        return !str_contains($this->page(ProcessWireSite::BACK . 'profile/')->body, 'name="login_name"');
    }

    /** @return array<string, string> the hidden fields of a page */
    public static function hidden(Response $page): array
    {
        $fields = [];
        foreach (self::elements($page, '//input[@type="hidden"]') as $input) {
            $fields[$input->getAttribute('name')] = $input->getAttribute('value');
        }
        return $fields;
    }

    /** @return list<DOMElement> */
    public static function elements(Response $page, string $path): array
    {
        $document = new DOMDocument();
        @$document->loadHTML('<?xml encoding="utf-8">' . $page->body);
        $found = (new DOMXPath($document))->query($path);
        if ($found === false) {
            throw new RuntimeException("This is no path: $path");
        }
        return array_values(iterator_to_array($found));
    }

    private function followed(Response $response, string $path): Response
    {
        for ($redirects = 0; $redirects < 5 && in_array($response->status, [301, 302, 303], true); ++$redirects) {
            $to = parse_url($response->header('Location')[0] ?? '') ?: [];
            $query = isset($to['query']) ? "?{$to['query']}" : '';
            $there = $to['path'] ?? strtok($path, '?');
            if (!str_starts_with((string) $there, '/')) {
                // Below the directory of the page, as "./?id=41".
                $there = preg_replace('~[^/]*$~', '', (string) strtok($path, '?')) . preg_replace('~^\./~', '', (string) $there);
            }
            $path = $there . $query;
            $response = $this->get($path);
        }
        return $response;
    }
}
