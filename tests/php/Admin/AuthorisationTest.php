<?php

declare(strict_types=1);

namespace Holdfast\Tests\Admin;

use Holdfast\Tests\Browser\Request;

/**
 * Issue 9: nobody sees anything of the admin page whom the site does not allow to, and without the site's word it does not run.
 */
final class AuthorisationTest extends AdminTestCase
{
    /** @return array<string, array{Request}> all that can be asked of the page */
    public static function requests(): array
    {
        $requests = ['a form' => [new Request('/admin.php', fields: ['hf_end' => 'user', 'hf_whom' => '1'])]];
        foreach (['', 'sessions', 'figures.json', 'end', 'audit', 'nowhere'] as $view) {
            $requests["the view '$view'"] = [new Request(self::path(['view' => $view]))];
        }
        return $requests;
    }

    /** @dataProvider requests */
    public function testWhoIsNotAllowedGets403AndNothingElse(Request $request): void
    {
        $answer = self::visitor()->send($request);
        self::assertSame(403, $answer->status);
        self::assertSame('', $answer->body);
        self::assertSame([], $answer->cookies());
    }

    /** @return array<string, array{string}> JSON of what is no yes */
    public static function answers(): array
    {
        return array_map(
            static fn (string $answer): array => [$answer],
            ['false' => 'false', 'null' => 'null', '1' => '1', 'a text' => '"yes"', 'a list' => '[true]', 'an object' => '{"allowed":true}']
        );
    }

    /** @dataProvider answers */
    public function testNothingButTrueIsAYes(string $answer): void
    {
        self::assertSame(403, self::operator()->get('/admin.php?says=' . rawurlencode($answer))->status);
        self::assertSame(200, self::operator()->get('/admin.php?says=true')->status);
    }

    public function testItDoesNotRunWithoutTheSitesWord(): void
    {
        $page = var_export(dirname(__DIR__, 3) . '/php/admin/holdfast-admin.php', true);
        $run = fn (string $options): string => (new \Holdfast\Tests\Cli\PhpCli(dirname(self::auditLog()), []))->run(<<<PHP
            require $page;
            try {
                Holdfast\\Admin\\Page::serve($options);
                echo 'it ran';
            } catch (InvalidArgumentException \$failure) {
                echo 'refused: ', \$failure->getMessage();
            }
            PHP)->output;
        self::assertStringStartsWith("refused: Holdfast's admin page wants the option 'authorise'", $run('[]'));
        self::assertStringStartsWith('refused: ', $run("['authorise' => true]"));
        self::assertStringStartsWith('refused: ', $run("['authorise' => null]"));
        self::assertStringContainsString("no option 'authorize'", $run("['authorise' => fn () => true, 'authorize' => 1]"));
        self::assertStringStartsWith('refused: ', $run("['authorise' => fn () => true, 'actor' => 'nobody there']"));
        self::assertStringStartsWith('refused: ', $run("['authorise' => fn () => true, 'url' => 5]"));
    }

    public function testEveryPageForbidsWhatIsNotItsOwn(): void
    {
        foreach (['', 'sessions', 'audit', 'end', 'nowhere'] as $view) {
            $answer = self::operator()->get(self::path(['view' => $view]));
            [$policy] = $answer->header('Content-Security-Policy');
            self::assertStringContainsString("default-src 'none'", $policy);
            self::assertStringContainsString("frame-ancestors 'none'", $policy);
            self::assertStringNotContainsString('unsafe', $policy);
            self::assertSame(['no-store'], $answer->header('Cache-Control'));
            self::assertSame(['nosniff'], $answer->header('X-Content-Type-Options'));
            foreach (['script', 'style'] as $tag) {
                $code = self::find($answer, "//$tag");
                self::assertCount(1, $code);
                $hash = base64_encode(hash('sha256', $code[0]->textContent, true));
                self::assertStringContainsString("$tag-src 'sha256-$hash'", $policy);
            }
            self::assertSame([], self::find($answer, '//@style/..'), 'no style in an attribute');
            self::assertSame([], self::find($answer, '//@*[starts-with(name(), "on")]/..'), 'no handler in an attribute');
            self::assertSame([], self::find($answer, '//*[@src or self::link[not(starts-with(@href, "data:"))]]'), 'nothing from elsewhere');
        }
    }

    public function testTheFiguresComeAsJson(): void
    {
        $answer = self::operator()->get(self::path(['view' => 'figures.json']));
        self::assertSame(['application/json'], $answer->header('Content-Type'));
        self::assertGreaterThan(0, self::said($answer)['capacity_bytes']);
    }

    public function testOtherMethodsAreRefused(): void
    {
        $answer = self::operator()->send(new Request('/admin.php', method: 'DELETE'));
        self::assertSame(405, $answer->status);
        self::assertSame(['GET, HEAD, POST'], $answer->header('Allow'));
    }
}
