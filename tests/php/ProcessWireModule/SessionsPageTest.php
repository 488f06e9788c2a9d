<?php

declare(strict_types=1);

namespace Holdfast\Tests\ProcessWireModule;

use Holdfast\Tests\Browser\Response;

/**
 * Access > Sessions in the admin, and what the module does when somebody logs in or gets another password.
 */
final class SessionsPageTest extends ModuleTestCase
{
    private const PAGE = ProcessWireSite::BACK . 'access/sessions/';
    private const PHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) '
        . 'Version/17.5 Mobile/15E148 Safari/604.1';

    private static Visitor $admin;

    public static function setUpBeforeClass(): void
    {
        parent::setUpBeforeClass();
        self::$admin = self::adminWithModule();
        foreach (['anna', 'ben', 'carla'] as $name) {
            self::site()->addUser($name);
        }
        self::site()->addPage('desk', (string) file_get_contents(__DIR__ . '/templates/desk.php'));
    }

    protected function setUp(): void
    {
        // Each test begins with the admin alone.
        self::site()->forgetLoginAttempts();
        $ends = array_map(static fn (array $row): string => $row['end'], self::rows(self::$admin->page(self::PAGE)));
        self::$admin->press(self::PAGE, ['end' => array_values(array_filter($ends)), 'submit_end' => '1']);
    }

    public function testItShowsWhoIsOnSinceWhenAndFromWhere(): void
    {
        $anna = self::visitor(self::PHONE);
        $anna->logIn('anna');
        $before = time();
        $page = self::$admin->page(self::PAGE);
        self::assertStringContainsString('2 users are logged in', $page->body);
        $rows = self::rows($page);
        self::assertSame(['admin', 'anna'], self::names($rows));
        [$admin, $anna] = self::byName($rows);
        self::assertSame(['127.0.0.1', 'Safari 17, iPhone', self::PHONE], [$anna['address'], $anna['browser'], $anna['agent']]);
        self::assertSame('this session', $admin['note']);
        self::assertSame(['', true], [$admin['end'], $anna['end'] !== '']);
        self::assertMatchesRegularExpression('/ago|just now/', $anna['since']);
        self::assertEqualsWithDelta($before, strtotime($anna['sinceExactly'] . ' UTC'), 120.0);
    }

    /** A session of another site in the same store, of whom has the id of a user here. */
    public function testUsersOfOtherSitesAreNotShown(): void
    {
        $id = (int) self::site()->script('echo wire("users")->get("carla")->id;');
        $made = self::site()->script(<<<PHP
            \$user = new class implements \\Holdfast\\User {
                public function getId(): int|string { return $id; }
                public function getName(): string { return 'somebody'; }
            };
            \$shop = new \\Holdfast\\Session(['cookie_name' => 'shop']);
            \$shop->forceLogin(\$user);
            \$shop->save();
            echo \\Holdfast\\Store::sessions(['user' => $id])['matching'];
            PHP);
        self::assertSame('1', $made);
        self::assertSame(['admin'], self::names(self::rows(self::$admin->page(self::PAGE))));
    }

    public function testSomebodyWhoOnlyLooksIsNotOn(): void
    {
        self::visitor()->get('/');
        self::visitor()->logIn('anna', 'wrong');
        self::assertSame(['admin'], self::names(self::rows(self::$admin->page(self::PAGE))));
    }

    public function testWhatABrowserCallsItselfIsNoMarkup(): void
    {
        $anna = self::visitor("<script>alert(1)</script>' onmouseover='x");
        $anna->logIn('anna');
        $page = self::$admin->page(self::PAGE);
        self::assertSame([], Visitor::elements($page, '//*[@onmouseover]'));
        self::assertStringNotContainsString('<script>alert(1)', $page->body);
        self::assertSame("<script>alert(1)</script>' onmouseover='x", self::byName(self::rows($page))[1]['agent']);
    }

    public function testWhoseSessionIsEndedIsAGuestAtTheNextRequest(): void
    {
        [$anna, $again, $ben] = [self::member('anna'), self::member('anna'), self::member('ben')];
        $rows = self::rows(self::$admin->page(self::PAGE));
        self::assertSame(['admin', 'anna', 'anna', 'ben'], self::names($rows));
        // Used last, so it stands first of hers.
        self::assertTrue($again->isIn());
        $first = array_values(array_filter(self::rows(self::$admin->page(self::PAGE)), static fn (array $row): bool => $row['user'] === 'anna'))[0];
        $answer = self::$admin->press(self::PAGE, ['end' => [$first['end']], 'submit_end' => '1']);
        self::assertStringContainsString('Ended 1 session', $answer->body);
        self::assertSame([true, false, true], [$anna->isIn(), $again->isIn(), $ben->isIn()]);
        self::assertSame(['admin', 'anna', 'ben'], self::names(self::rows(self::$admin->page(self::PAGE))));
        self::assertStringContainsString("Ended a session of 'anna'", (string) file_get_contents(self::site()->path('www/site/assets/logs/session-holdfast.txt')));
        self::assertSame(302, $again->logIn('anna')->status);
        self::assertTrue($again->isIn(), 'and may come again');
    }

    public function testAFormOfAnotherSiteEndsNothing(): void
    {
        $anna = self::member('anna');
        $end = self::byName(self::rows(self::$admin->page(self::PAGE)))[1]['end'];
        foreach ([[], ['TOKEN1X1' => 'x']] as $token) {
            $answer = self::$admin->post(self::PAGE, ['end' => [$end], 'submit_end' => '1'] + $token);
            self::assertStringContainsString('appears to be forged', $answer->body);
        }
        self::assertTrue($anna->isIn());
    }

    public function testNobodyEndsAnythingWithoutThePermission(): void
    {
        self::site()->script(<<<'PHP'
            $role = wire('roles')->add('watcher');
            $role->of(false);
            foreach (['page-view', 'page-edit', 'sessions-view'] as $name) $role->addPermission($name);
            $role->save();
            PHP);
        self::site()->addUser('watch', 'watcher');
        $watch = self::member('watch');
        $anna = self::member('anna');
        $page = $watch->page(self::PAGE);
        self::assertContains('anna', self::names(self::rows($page)), 'sees');
        self::assertSame([], Visitor::elements($page, '//input[@name="end[]"]'));
        $end = array_values(array_filter(self::rows(self::$admin->page(self::PAGE)), static fn (array $row): bool => $row['user'] === 'anna'))[0]['end'];
        $answer = $watch->press(self::PAGE, ['end' => [$end], 'submit_end' => '1']);
        self::assertStringContainsString('permission to end sessions', $answer->body);
        self::assertTrue($anna->isIn());
        self::assertSame([], self::rows($anna->page(self::PAGE)), 'and a guest with a login sees nothing');
    }

    public function testValuesThatAreNoSessionsAreLeftOut(): void
    {
        $anna = self::member('anna');
        $end = self::byName(self::rows(self::$admin->page(self::PAGE)))[1]['end'];
        [$user, $handle] = explode(':', $end);
        $others = ["$user:" . strrev($handle), '41:' . $handle, "$user:$handle\n", $handle, "$user:", ['x'], "-$user:$handle"];
        $answer = self::$admin->press(self::PAGE, ['end' => $others, 'submit_end' => '1']);
        self::assertStringContainsString('Ended 0 sessions', $answer->body);
        self::assertTrue($anna->isIn());
    }

    public function testOneSessionPerUser(): void
    {
        $settings = ProcessWireSite::BACK . 'module/edit?name=SessionHoldfast';
        $save = static fn (array $fields): Response => self::$admin->press($settings, $fields + ['submit_save_module' => 'Submit']);
        [$first, $ben] = [self::member('anna'), self::member('ben')];
        $save(['noPS' => '1', 'endOnPass' => '1']);
        $second = self::member('anna');
        self::assertSame([false, true, true], [$first->isIn(), $second->isIn(), $ben->isIn()]);
        self::site()->forgetLoginAttempts();
        self::assertSame(302, $first->logIn('anna')->status);
        self::assertStringContainsString('Previous login session for &ldquo;anna&rdquo; has been removed', $first->page(ProcessWireSite::BACK . 'profile/')->body);
        self::assertSame([true, false], [$first->isIn(), $second->isIn()]);
        $save(['endOnPass' => '1']);
        $third = self::member('anna');
        self::assertSame([true, true], [$first->isIn(), $third->isIn()]);
    }

    public function testWhoTakesTheUsersPlaceIsShownAsThatUser(): void
    {
        $anna = self::member('anna');
        $said = self::said($anna->get('/desk/?do=force&name=ben&devices=1'));
        self::assertSame(['ben', 1], [$said['user'], $said['devices']], 'in the very request of the login');
        self::assertSame('ben', self::said($anna->get('/desk/'))['user']);
        self::assertSame(['admin', 'ben'], self::names(self::rows(self::$admin->page(self::PAGE))));
        $said = self::said($anna->get('/desk/?do=logout&devices=1'));
        self::assertSame(['guest', 0], [$said['user'], $said['devices']]);
        self::assertSame(['admin'], self::names(self::rows(self::$admin->page(self::PAGE))));
    }

    public function testAPasswordChangeEndsTheOtherSessionsOfItsUser(): void
    {
        [$carla, $thief, $ben] = [self::member('carla'), self::member('carla'), self::member('ben')];
        // By somebody else: all.
        $id = (int) self::site()->script('echo wire("users")->get("carla")->id;');
        $edit = ProcessWireSite::BACK . "access/users/edit/?id=$id";
        $new = 'another horse battery 1';
        $form = ['pass' => $new, '_pass' => $new, 'submit_save' => 'Save', '_pw_page_name' => 'carla', 'roles' => self::checkedRoles($edit)];
        $answer = self::$admin->press($edit, $form);
        self::assertStringContainsString('whose password has changed', $answer->body);
        self::assertSame([false, false, true, true], [$carla->isIn(), $thief->isIn(), $ben->isIn(), self::$admin->isIn()]);
        self::assertSame(302, $carla->logIn('carla', $new)->status);
        self::assertTrue($carla->isIn());
    }

    public function testTheOwnPasswordChangeKeepsTheOwnSession(): void
    {
        $other = self::member();
        $new = 'another horse battery 2';
        $profile = ProcessWireSite::BACK . 'profile/';
        try {
            $fields = ['pass' => $new, '_pass' => $new, '_old_pass' => ProcessWireSite::PASSWORD, 'email' => 'admin@example.org'];
            $answer = self::$admin->press($profile, $fields + ['submit_save_profile' => 'Save']);
            self::assertStringContainsString('whose password has changed', $answer->body);
            self::assertSame([true, false], [self::$admin->isIn(), $other->isIn()]);
        } finally {
            self::site()->script("\$user = wire('users')->get('admin'); \$user->of(false); \$user->pass = '" . ProcessWireSite::PASSWORD . "'; wire('modules')->get('SessionHoldfast')->endOnPass = 0; \$user->save();");
        }
    }

    /** On a command line there is no session, and those of the site end all the same. */
    public function testADeletedUsersSessionsAreGone(): void
    {
        self::site()->addUser('dora');
        $dora = self::member('dora');
        self::assertContains('dora', self::names(self::rows(self::$admin->page(self::PAGE))));
        $count = static fn (int $id): string => self::site()->script("echo count(wire('modules')->get('SessionHoldfast')->sessions()->of($id));");
        $id = (int) self::site()->script('echo wire("users")->get("dora")->id;');
        self::assertSame('1', $count($id));
        self::site()->script("wire('users')->delete(wire('users')->get('dora'));");
        self::assertSame('0', $count($id));
        self::assertFalse($dora->isIn());
        self::assertSame(['admin'], self::names(self::rows(self::$admin->page(self::PAGE))));
    }

    /** @dataProvider savings */
    public function testAPasswordThatIsChangedOnTheCommandLineEndsAllSessionsOfItsUser(string $save): void
    {
        $name = 'emma' . crc32($save);
        self::site()->addUser($name);
        $emma = self::member($name);
        self::site()->script("\$user = wire('users')->get('$name'); \$user->of(false); $save");
        self::assertFalse($emma->isIn());
        self::assertTrue(self::$admin->isIn());
    }

    /** @return array<string, array{string}> */
    public static function savings(): array
    {
        return [
            'with the whole user' => ['$user->pass = "another 3 horses"; $user->save();'],
            'alone' => ['$user->setAndSave("pass", "another 3 horses");'],
        ];
    }

    /** @return list<string> the roles that the form has */
    private static function checkedRoles(string $edit): array
    {
        $inputs = Visitor::elements(self::$admin->page($edit), '//input[@name="roles[]" and @checked]');
        return array_map(static fn (\DOMElement $input): string => $input->getAttribute('value'), $inputs);
    }

    /** @return list<array<string, string>> the rows of the table */
    private static function rows(Response $page): array
    {
        $rows = [];
        foreach (Visitor::elements($page, '//form[@id="SessionHoldfastForm"]//tbody/tr') as $row) {
            $cells = array_values(array_filter(iterator_to_array($row->childNodes), static fn (\DOMNode $node): bool => $node->nodeName === 'td'));
            $text = static fn (int $n): string => trim((string) ($cells[$n] ?? null)?->textContent);
            $box = ($cells[5] ?? null)?->getElementsByTagName('input')->item(0);
            $rows[] = [
                'user' => $text(0),
                'since' => $text(1),
                'sinceExactly' => (string) $cells[1]->getElementsByTagName('span')->item(0)?->getAttribute('title'),
                'last' => $text(2),
                'address' => $text(3),
                'agent' => (string) $cells[4]->getElementsByTagName('span')->item(0)?->getAttribute('title'),
                'browser' => $text(4),
                'note' => $text(5),
                'end' => (string) $box?->getAttribute('value'),
            ];
        }
        return $rows;
    }

    /**
     * @param list<array<string, string>> $rows
     * @return list<array<string, string>>
     */
    private static function byName(array $rows): array
    {
        usort($rows, static fn (array $a, array $b): int => $a['user'] <=> $b['user']);
        return $rows;
    }

    /**
     * @param list<array<string, string>> $rows
     * @return list<string>
     */
    private static function names(array $rows): array
    {
        return array_column(self::byName($rows), 'user');
    }
}
