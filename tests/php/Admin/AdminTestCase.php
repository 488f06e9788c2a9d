<?php

declare(strict_types=1);

namespace Holdfast\Tests\Admin;

use DOMDocument;
use DOMXPath;
use Holdfast\Tests\Authentication\MembersTestCase;
use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\Request;
use Holdfast\Tests\Browser\Response;
use Holdfast\Tests\TemporaryDirectory;

/**
 * Tests of the admin page by requests, as a browser without scripts sends them.
 */
abstract class AdminTestCase extends MembersTestCase
{
    private static ?TemporaryDirectory $logs = null;

    public static function tearDownAfterClass(): void
    {
        parent::tearDownAfterClass();
        self::$logs?->remove();
        self::$logs = null;
    }

    protected static function settings(): array
    {
        return ['holdfast.audit' => self::auditLog(), 'holdfast.throttle' => 0];
    }

    protected static function auditLog(): string
    {
        self::$logs ??= new TemporaryDirectory();
        return self::$logs->path . '/audit.log';
    }

    /** Somebody whom the site lets in. */
    protected static function operator(string $name = 'ada'): Browser
    {
        $operator = self::visitor();
        $operator->cookies['operator'] = $name;
        return $operator;
    }

    /** @param array<string, string|int> $parameters without their prefix */
    protected static function path(array $parameters = []): string
    {
        $named = [];
        foreach ($parameters as $name => $value) {
            $named["hf_$name"] = $value;
        }
        return '/admin.php' . ($named === [] ? '' : '?' . http_build_query($named, '', '&', PHP_QUERY_RFC3986));
    }

    /**
     * Sends the form of the page that asks whether to end something.
     *
     * @param array<string, string> $changes of its fields
     * @param array<string, string> $headers
     */
    protected static function end(Browser $operator, string $what, string $whom, array $changes = [], array $headers = []): Response
    {
        $asked = $operator->get(self::path(['view' => 'end', 'end' => $what, 'whom' => $whom]));
        return self::send($operator, $changes + self::fields($asked, "//form[@method='post']"), $headers);
    }

    /**
     * @param array<string, string> $fields
     * @param array<string, string> $headers
     */
    protected static function send(Browser $operator, array $fields, array $headers = []): Response
    {
        return $operator->send(new Request('/admin.php?hf_view=sessions', fields: $fields, headers: $headers));
    }

    /** @return array<string, string> the fields of a form of the page, by name */
    protected static function fields(Response $response, string $form): array
    {
        $fields = [];
        foreach (self::find($response, "$form//input") as $input) {
            $fields[$input->getAttribute('name')] = $input->getAttribute('value');
        }
        return $fields;
    }

    /** @return list<\DOMElement> */
    protected static function find(Response $response, string $path): array
    {
        $document = new DOMDocument();
        @$document->loadHTML('<?xml encoding="utf-8"?>' . $response->body);
        return iterator_to_array((new DOMXPath($document))->query($path), false);
    }

    /** @return list<string> */
    protected static function texts(Response $response, string $path): array
    {
        return array_map(static fn (\DOMElement $element): string => trim($element->textContent), self::find($response, $path));
    }

    /** The handle of the one session of a user. */
    protected static function handleOf(string $user): string
    {
        $found = self::visitor()->get('/store.php?' . http_build_query(['calls' => json_encode([['sessions', [['user' => $user]]]])]));
        return self::said($found)[0]['sessions'][0]['handle'];
    }

    protected function tearDown(): void
    {
        self::visitor()->get('/store.php?calls=' . rawurlencode('[["endUser",[1]],["endUser",[2]],["endUser",["c-3"]]]'));
    }
}
