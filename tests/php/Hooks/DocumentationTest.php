<?php

declare(strict_types=1);

namespace Holdfast\Tests\Hooks;

use Holdfast\Tests\HoldfastTestCase;

/**
 * docs/hooks.md lists every method that can be hooked, with the arguments that its hooks get, and its example runs.
 */
final class DocumentationTest extends HoldfastTestCase
{
    private const DOCUMENTATION = __DIR__ . '/../../../docs/hooks.md';

    public function testTheTableIsWhatCanBeHooked(): void
    {
        preg_match('/^## What can be hooked$(.*?)^## /ms', (string) file_get_contents(self::DOCUMENTATION), $section);
        preg_match_all('/^\| `(\w+)\((.*?)\)` \|/m', $section[1], $rows, PREG_SET_ORDER);
        $documented = [];
        foreach ($rows as [, $method, $parameters]) {
            $documented[$method] = array_map(fn ($name) => ltrim($name, '$'), array_filter(explode(', ', $parameters)));
        }
        ksort($documented);
        $is = $this->passes(<<<'PHP'
            $session = new Session();
            $methods = [];
            foreach (explode(',', $session->addHook('*', 'strlen')) as $id) {
                $method = explode(':', $id)[2];
                $event = new HookEvent(['object' => $session, 'method' => $method]);
                $methods[$method] = array_keys($event->argumentsByName());
            }
            ksort($methods);
            echo json_encode($methods), "\n";
            PHP);
        self::assertSame($documented, json_decode(explode("\n", $is->output)[0], true));
    }

    public function testTheExampleRuns(): void
    {
        preg_match('/```php\n(.*?)```/s', (string) file_get_contents(self::DOCUMENTATION), $example);
        $log = $this->directory() . '/log';
        $result = $this->passes(<<<PHP
            \$session = new Session();
            {$example[1]}
            \$session->cart = [1, 2];
            assert(\$session->getCookieName() === 'shop' && \$session->cartTotal() === 3);
            PHP, ['error_log' => $log]);
        self::assertStringStartsWith('0', $result->output);
        self::assertStringContainsString("session: cart was changed\n", (string) file_get_contents($log));
    }
}
