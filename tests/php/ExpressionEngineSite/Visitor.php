<?php

declare(strict_types=1);

namespace Holdfast\Tests\ExpressionEngineSite;

use DOMDocument;
use DOMElement;
use DOMXPath;
use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\Request;
use Holdfast\Tests\Browser\Response;
use RuntimeException;

/**
 * Somebody with a browser at a site of ExpressionEngine, which wants to know which browser it is, and fills in its forms.
 */
final class Visitor
{
    public readonly Browser $browser;

    public function __construct(private readonly EeSite $site, public string $userAgent = 'Mozilla/5.0 (X11; Linux x86_64; rv:130.0)')
    {
        $this->browser = new Browser($site->url());
    }

    /** The same visitor, at the site's address now. */
    public function at(EeSite $site): self
    {
        $visitor = new self($site, $this->userAgent);
        $visitor->browser->cookies = $this->browser->cookies;
        return $visitor;
    }

    /** @param array<string, string> $headers */
    public function get(string $path, array $headers = []): Response
    {
        return $this->browser->send(new Request($path, headers: $headers + ['User-Agent' => $this->userAgent]));
    }

    /** @param array<string, mixed> $fields */
    public function post(string $path, array $fields): Response
    {
        return $this->browser->send(new Request($path, $fields, headers: ['User-Agent' => $this->userAgent]));
    }

    /** A page of a template of the group `site`. */
    public function page(string $template): Response
    {
        return $this->get("/index.php?/site/$template");
    }

    /** Logs in to the control panel, and so to the site. */
    public function logInToControlPanel(string $name = EeSite::ADMIN, string $password = EeSite::PASSWORD): Response
    {
        return $this->submit('/admin.php?/cp/login', ['username' => $name, 'password' => $password]);
    }

    /** Logs in to the site, by the action that its forms for it send. */
    public function logIn(string $name, string $password = EeSite::PASSWORD, bool $remember = false): Response
    {
        $this->get('/index.php');
        return $this->post($this->site->action('Member', 'member_login'), [
            'username' => $name, 'password' => $password, 'RET' => '/', 'csrf_token' => $this->browser->cookies['exp_csrf_token'],
        ] + ($remember ? ['auto_login' => '1'] : []));
    }

    /** Logs out by the link that templates make for it. */
    public function logOut(): Response
    {
        $page = $this->page('who');
        if (!preg_match('~href="https?://[^/"]+([^"]*ACT=[^"]*)"~', $page->body, $link)) {
            throw new RuntimeException("There is no link to log out.\n$page");
        }
        return $this->get(html_entity_decode($link[1]));
    }

    /**
     * Goes to a page, fills in the form on it that has the first of these fields, and sends it.
     *
     * @param array<string, string|list<string>|null> $fields by their names as in the form; null takes one out
     */
    public function submit(string $path, array $fields): Response
    {
        $page = $this->get($path);
        [$action, $values] = self::form($page, (string) array_key_first($fields));
        $pairs = [];
        foreach ($values as [$name, $value]) {
            if (!array_key_exists($name, $fields)) {
                $pairs[] = rawurlencode($name) . '=' . rawurlencode($value);
            }
        }
        foreach (array_filter($fields, static fn (mixed $value): bool => $value !== null) as $name => $value) {
            foreach ((array) $value as $single) {
                $pairs[] = rawurlencode((string) $name) . '=' . rawurlencode($single);
            }
        }
        parse_str(implode('&', $pairs), $parsed);
        return $this->post('/' . ltrim((string) preg_replace('~^https?://[^/]+~', '', $action), '/'), $parsed);
    }

    /**
     * Sends a form that a page's script makes: with the token that the page has for it.
     *
     * @param array<string, mixed> $fields
     */
    public function sendFrom(string $page, string $to, array $fields): Response
    {
        preg_match('/CSRF_TOKEN":"([^"]+)"/', $this->get($page)->body, $token);
        return $this->post($to, $fields + ['csrf_token' => $token[1] ?? '']);
    }

    /** @return array{string, list<array{string, string}>} where the form goes, and its fields as a browser would send them */
    private static function form(Response $page, string $field): array
    {
        $document = new DOMDocument();
        @$document->loadHTML($page->body === '' ? '<p>' : $page->body);
        $search = new DOMXPath($document);
        $stem = (string) preg_replace('/\[.*/', '', $field);
        $form = $search->query("//form[.//*[@name='$field' or @name='{$stem}[]' or starts-with(@name, '{$stem}[')]]")->item(0)
            ?? $search->query("//form[@method='post' or @method='POST']")->item(0);
        if (!$form instanceof DOMElement) {
            throw new RuntimeException("There is no form with a field $field.\n$page");
        }
        $values = [];
        foreach ($search->query('.//input[@name] | .//textarea[@name] | .//select[@name]', $form) as $input) {
            \assert($input instanceof DOMElement);
            $type = strtolower($input->getAttribute('type'));
            if ($input->hasAttribute('disabled') || \in_array($type, ['submit', 'button', 'file', 'image'], true)) {
                continue;
            }
            if (\in_array($type, ['checkbox', 'radio'], true) && !$input->hasAttribute('checked')) {
                continue;
            }
            if ($input->tagName === 'select') {
                foreach ($search->query('.//option[@selected]', $input) as $option) {
                    \assert($option instanceof DOMElement);
                    $values[] = [$input->getAttribute('name'), $option->getAttribute('value')];
                }
                continue;
            }
            $values[] = [$input->getAttribute('name'), $input->tagName === 'textarea' ? $input->textContent : $input->getAttribute('value')];
        }
        return [$form->getAttribute('action'), $values];
    }
}
