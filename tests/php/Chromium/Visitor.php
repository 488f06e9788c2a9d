<?php

declare(strict_types=1);

namespace Holdfast\Tests\Chromium;

use Holdfast\Tests\Wait;
use RuntimeException;

/**
 * Somebody with a Chromium of their own: a fresh profile, no cookies.
 *
 * Pages are used as people use them: by the names of links, buttons and fields. Each waits for what it looks for.
 */
final class Visitor
{
    private string $session;

    /** @var list<string> what the consoles of the pages said and nobody has taken */
    private array $console = [];

    public function __construct(
        private readonly Driver $driver,
        public readonly Device $device,
        private readonly string $siteUrl
    ) {
        $started = $driver->command('POST', '/session', ['capabilities' => ['alwaysMatch' => [
            'goog:chromeOptions' => $device->options(),
            'goog:loggingPrefs' => ['browser' => 'ALL'],
            'timeouts' => ['implicit' => 0, 'pageLoad' => 30_000, 'script' => 10_000],
        ]]]);
        $this->session = $started['sessionId'];
        if (!$device->isPhone) {
            $this->devTools('Emulation.setDeviceMetricsOverride', [
                'width' => $device->width,
                'height' => $device->height,
                'deviceScaleFactor' => $device->pixelRatio,
                'mobile' => false,
            ]);
        }
        $this->devTools('Emulation.setEmulatedMedia', [
            'features' => [['name' => 'prefers-color-scheme', 'value' => $device->isDark ? 'dark' : 'light']],
        ]);
    }

    public function open(string $path): void
    {
        $this->command('POST', '/url', ['url' => $this->siteUrl . $path]);
    }

    public function reload(): void
    {
        $this->command('POST', '/refresh');
    }

    /** The path and query of the page that is open. */
    public function path(): string
    {
        return substr($this->command('GET', '/url'), strlen($this->siteUrl));
    }

    /** All text that the page shows. */
    public function text(): string
    {
        return $this->element('body')->text();
    }

    /** The one element of this selector. */
    public function element(string $selector): Element
    {
        return $this->one($selector, null);
    }

    /** @return list<Element> those that are there now, perhaps none */
    public function elements(string $selector): array
    {
        return Element::all($this, $selector);
    }

    /** @return list<string> the texts of all elements of this selector */
    public function texts(string $selector): array
    {
        return array_map(fn (Element $element): string => $element->text(), $this->elements($selector));
    }

    /** The field with this label. */
    public function field(string $label): Element
    {
        return $this->one('input:not([type=hidden]), select, textarea', $label);
    }

    /** @param array<string, string> $values by the labels of the fields */
    public function fill(array $values): void
    {
        foreach ($values as $label => $value) {
            $this->field($label)->fill($value);
        }
    }

    /**
     * Presses the button and waits for the page that it leads to.
     *
     * @param string $within the selector of the part of the page that it is in
     */
    public function press(string $button, string $within = 'body'): void
    {
        $this->leaveBy($this->one("$within button", $button));
    }

    /** Follows the link and waits for the page that it leads to. */
    public function follow(string $link, string $within = 'body'): void
    {
        $this->leaveBy($this->one("$within a", $link));
    }

    /**
     * Presses a key where the focus is.
     *
     * @param string $key as WebDriver names it (section 17.4.2): "\u{E004}" is Tab
     */
    public function key(string $key): void
    {
        $this->command('POST', '/actions', ['actions' => [[
            'type' => 'key',
            'id' => 'keyboard',
            'actions' => [['type' => 'keyDown', 'value' => $key], ['type' => 'keyUp', 'value' => $key]],
        ]]]);
    }

    /** Presses Enter where the focus is, and waits for the page that it leads to. */
    public function enter(): void
    {
        $page = $this->element('html');
        $this->key("\u{E007}");
        $this->waitUntilGone($page, 'Enter');
    }

    /** The name of what has the focus; see Element::label(). */
    public function focused(): string
    {
        $element = $this->command('GET', '/element/active');
        return $this->command('GET', '/element/' . reset($element) . '/computedlabel');
    }

    /** What the body of a function in the page returns. Policies of the page don't apply to it. */
    public function script(string $body, mixed ...$arguments): mixed
    {
        return $this->command('POST', '/execute/sync', ['script' => $body, 'args' => $arguments]);
    }

    /** @return array<string, string> the cookies that go to the open page, by name */
    public function cookies(): array
    {
        return array_column($this->command('GET', '/cookie'), 'value', 'name');
    }

    public function deleteCookie(string $name): void
    {
        $this->command('DELETE', '/cookie/' . rawurlencode($name));
    }

    public function deleteCookies(): void
    {
        $this->command('DELETE', '/cookie');
    }

    /**
     * What the consoles of the pages said since this was last asked: errors of scripts that nobody caught, what
     * policies forbade, answers that came with a status of an error.
     *
     * @return list<string>
     */
    public function takeConsole(): array
    {
        foreach ($this->command('POST', '/se/log', ['type' => 'browser']) as $entry) {
            // What Chromium remarks by the way, that a focus came first, say, depends on its pace.
            if ($entry['level'] === 'INFO') {
                continue;
            }
            $this->console[] = "{$entry['level']} {$entry['source']}: {$entry['message']}";
        }
        [$said, $this->console] = [$this->console, []];
        return $said;
    }

    /** @return string a PNG of the whole page, or of what is in sight */
    public function screenshot(bool $whole = true): string
    {
        // A part that sticks to the viewport is drawn once, because the viewport becomes as high as the page.
        $taken = $this->devTools('Page.captureScreenshot', ['format' => 'png', 'captureBeyondViewport' => $whole]);
        return (string) base64_decode($taken['data'], true);
    }

    public function quit(): void
    {
        $this->driver->command('DELETE', "/session/{$this->session}");
    }

    /**
     * A command of WebDriver for this browser.
     *
     * @param array<string, mixed> $parameters
     * @throws Failure
     */
    public function command(string $method, string $path, array $parameters = []): mixed
    {
        return $this->driver->command($method, "/session/{$this->session}$path", $parameters);
    }

    /**
     * @param array<string, mixed> $parameters
     * @return array<string, mixed>
     */
    private function devTools(string $method, array $parameters): array
    {
        return $this->command('POST', '/goog/cdp/execute', ['cmd' => $method, 'params' => $parameters]);
    }

    /** The one shown element of this selector and, unless null, of this label. */
    private function one(string $selector, ?string $label): Element
    {
        $what = $selector . ($label === null ? '' : " named \"$label\"");
        $found = [];
        $find = function () use ($selector, $label, &$found): bool {
            $found = array_values(array_filter(
                $this->elements($selector),
                fn (Element $one): bool => $label === null || ($one->label() === $label && $one->isShown())
            ));
            return $found !== [];
        };
        $this->waitUntil($find, "there is $what");
        if (count($found) > 1) {
            throw new RuntimeException(count($found) . " times $what on {$this->path()}:\n{$this->text()}");
        }
        return $found[0];
    }

    private function leaveBy(Element $element): void
    {
        $page = $this->element('html');
        $name = $element->label();
        $element->click();
        $this->waitUntilGone($page, "\"$name\"");
    }

    private function waitUntilGone(Element $page, string $by): void
    {
        $isThere = fn (): bool => $page->isStale() && $this->script('return document.readyState') === 'complete';
        $this->waitUntil($isThere, "$by leads to another page");
    }

    /**
     * @param callable(): bool $condition may meet a page that goes away meanwhile
     */
    private function waitUntil(callable $condition, string $what): void
    {
        $onThisPage = function () use ($condition): bool {
            try {
                return $condition();
            } catch (Failure $failure) {
                if ($failure->isStale()) {
                    return false;
                }
                throw $failure;
            }
        };
        Wait::until($onThisPage, $what, fn (): string => "{$this->path()}:\n{$this->text()}");
    }
}
