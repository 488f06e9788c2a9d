<?php

declare(strict_types=1);

namespace Holdfast\Tests\SaveHandler;

use Holdfast\Tests\Browser\Browser;
use Holdfast\Tests\Browser\Response;
use Holdfast\Tests\Server\SiteTestCase;
use Holdfast\Tests\TemporaryDirectory;

/**
 * Tests over a site whose `$_SESSION` is Holdfast's.
 */
abstract class HandlerTestCase extends SiteTestCase
{
    private ?TemporaryDirectory $signals = null;

    protected function tearDown(): void
    {
        $this->signals?->remove();
        $this->signals = null;
    }

    /** The path of a file that is not there yet: pages and tests tell each other by it how far they are. */
    protected function signal(string $name): string
    {
        $this->signals ??= new TemporaryDirectory();
        return $this->signals->path . "/$name";
    }

    /** @return array<string, string|int> */
    protected static function settings(): array
    {
        return [
            'session.save_handler' => 'holdfast',
            'session.serialize_handler' => 'holdfast',
            // Its calls would come now and then.
            'session.gc_probability' => 0,
        ];
    }

    /**
     * The page that shows `$_SESSION`, with these parameters.
     *
     * @param array<string, mixed> $parameters
     */
    protected static function page(array $parameters = []): string
    {
        if (isset($parameters['set']) && !is_string($parameters['set'])) {
            $parameters['set'] = json_encode($parameters['set']);
        }
        return '/show.php?' . http_build_query($parameters);
    }

    /**
     * What that page says; with no warning.
     *
     * @param array<string, mixed> $parameters
     * @return array<string, mixed>
     */
    protected static function show(Browser $visitor, array $parameters = []): array
    {
        return self::calm($visitor->get(self::page($parameters)));
    }

    /** @return array<string, mixed> what the page says; with no warning */
    protected static function calm(Response $response): array
    {
        $said = self::said($response);
        self::assertSame([], $said['warnings'], (string) $response);
        self::assertTrue($said['started'], (string) $response);
        return $said;
    }

    /** How many sessions are in the store. */
    protected static function sessions(string $server = 'php-fpm'): int
    {
        return self::said((new Browser(self::site($server)->url()))->get('/figures.php'))['records'];
    }
}
