<?php

declare(strict_types=1);

namespace Holdfast\Tests\Hooks;

use Holdfast\Tests\HoldfastTestCase;

/**
 * Issue 4: ProcessWire's `log()`, which goes to PHP's error log.
 */
final class LogTest extends HoldfastTestCase
{
    /** @return list<string> the lines that $code logged, without the time */
    private function logged(string $code): array
    {
        $file = $this->directory() . '/log';
        $this->passes($code, ['error_log' => $file]);
        return preg_replace('/^\[[^]]+\] /', '', file($file, FILE_IGNORE_NEW_LINES) ?: []);
    }

    public function testALineForEachText(): void
    {
        self::assertSame(
            ['session: Successful login', 'shop-session: from a subclass', 'logins: named user=ann url=/login'],
            $this->logged(<<<'PHP'
                class ShopSession extends Session {}
                $session = new Session();
                assert($session->log('Successful login') === $session);
                $session->log('');
                $session->log();
                (new ShopSession())->log('from a subclass', []);
                $session->log('named', ['name' => 'logins', 'url' => '/login', 'user' => 'ann', 'other' => 1]);
                PHP)
        );
    }

    /** S45: what a visitor sends can't make a line of its own, nor steer the terminal of who reads it. */
    public function testS45ControlCharactersAreEscaped(): void
    {
        self::assertSame(
            ['session: name\n[22-Nov-2026] forged\r\t\u{1b}[2J\u{0} ends ä user=a\nb'],
            $this->logged(<<<'PHP'
                (new Session())->log("name\n[22-Nov-2026] forged\r\t\x1b[2J\0 ends ä", ['user' => "a\nb"]);
                PHP)
        );
    }

    public function testOptionsThatAreNone(): void
    {
        $this->passes(<<<'PHP'
            try {
                (new Session())->log('text', 'options');
                assert(false);
            } catch (Holdfast\Exception\InvalidArgument $refused) {
                assert(str_contains($refused->getMessage(), 'log()'));
            }
            PHP);
    }
}
