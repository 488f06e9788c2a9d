<?php

declare(strict_types=1);

namespace Holdfast\Tests\Audit;

use Holdfast\Tests\Browser\Browser;

/**
 * S29: nothing that lets anybody in stands in the audit log: no id, live, dead, refused or foreign; no value.
 */
final class NothingSecretTest extends AuditTestCase
{
    public function testNoIdAndNoValueIsInTheLog(): void
    {
        $secrets = ['hunter2-in-a-cookie', str_repeat('B', 43)];
        foreach (self::faces() as [$cookie]) {
            $visitor = self::visitor();
            $keep = static function () use ($visitor, $cookie, &$secrets): void {
                $secrets[] = $visitor->cookies[$cookie];
            };
            self::visit($visitor, $cookie, 'set');
            $keep();
            self::visit($visitor, $cookie, 'regenerate');
            $keep();
            self::visit($visitor, $cookie, 'set');
            $last = $visitor->cookies[$cookie];
            foreach ($secrets as $text) {
                self::visitWith("$cookie=$text", $cookie, 'read');
                self::visitWith("$cookie=$text; $cookie=$last", $cookie, 'read');
                self::visitWith("$cookie=$last; $cookie=$text", $cookie, 'read');
            }
            self::visit($visitor, $cookie, 'destroy');
            self::visitWith("$cookie=$last", $cookie, 'read');
        }
        self::storeAPassword($secrets);

        $log = (string) file_get_contents(self::log()->path);
        $words = array_count_values(AuditLog::words(self::log()->news()));
        foreach (['create/first_write', 'rotate/regenerate', 'destroy/application', 'reject/malformed', 'reject/foreign', 'reject/ended', 'reject/duplicate'] as $word) {
            self::assertGreaterThan(0, $words[$word] ?? 0, $word);
        }
        foreach ($secrets as $secret) {
            self::assertSame(0, substr_count($log, $secret), $secret);
            self::assertSame(0, substr_count($log, substr($secret, 0, 12)), $secret);
            self::assertSame(0, substr_count($log, hash('sha256', $secret)), $secret);
        }
        self::assertStringNotContainsString('audit', self::fpm()->log());
    }

    /** @param list<string> $secrets */
    private static function storeAPassword(array &$secrets): void
    {
        $password = 'hunter2-in-a-session';
        $visitor = new Browser(self::fpm()->url());
        self::said($visitor->get('/show.php?set=' . rawurlencode(json_encode(['password' => $password], JSON_THROW_ON_ERROR))));
        array_push($secrets, $password, $visitor->cookies[self::HANDLER_COOKIE]);
    }
}
