<?php

declare(strict_types=1);

namespace Holdfast\Tests\ExpressionEngineSite;

/**
 * The add-on is installed, set and removed by ExpressionEngine's own means.
 */
final class InstallationTest extends EeSiteTestCase
{
    public function testTheControlPanelRemovesAndInstallsIt(): void
    {
        $member = null;
        $visitor = $this->served($member);
        $admin = new Visitor(self::site());
        $admin->logInToControlPanel();
        $rows = fn (string $table, string $column, string $name): int => (int) self::site()->pdo()
            ->query("SELECT COUNT(*) FROM exp_$table WHERE $column = '$name'")->fetchColumn();
        self::assertSame(3, $rows('extensions', 'class', 'Holdfast_ext'));
        $changes = self::stored()['changes'];

        $answer = $admin->sendFrom('/admin.php?/cp/addons', '/admin.php?/cp/addons/remove/holdfast', []);
        self::assertSame(302, $answer->status, (string) $answer);
        self::assertSame(0, $rows('extensions', 'class', 'Holdfast_ext'));
        self::assertSame(0, $rows('modules', 'module_name', 'Holdfast'));
        for ($page = 0; $page < 3; ++$page) {
            $last = $visitor->page('who');
            self::assertSame((string) $member['id'], self::who($last));
            self::assertGreaterThanOrEqual(6, self::statements($last));
        }

        $guest = new Visitor(self::site());
        self::assertSame('null', self::inPage($guest, "echo json_encode(Holdfast\AddOn\Serving\Store::ofChanges('$changes')->get('changes'));"));

        $answer = $admin->sendFrom('/admin.php?/cp/addons', '/admin.php?/cp/addons/install/holdfast', []);
        self::assertSame(302, $answer->status, (string) $answer);
        self::assertSame(3, $rows('extensions', 'class', 'Holdfast_ext'));
        $this->becomesServed($visitor);
    }

    public function testTheCommandRemovesAndInstallsIt(): void
    {
        self::assertStringContainsString('uninstalled', self::site()->eecms('addons:uninstall', '--addon=holdfast'));
        $member = self::site()->addMember();
        $visitor = new Visitor(self::site());
        $visitor->logIn($member['name']);
        self::assertGreaterThanOrEqual(6, self::statements($visitor->page('who')));
        self::assertStringContainsString('installed successfully', self::site()->eecms('addons:install', '--addon=holdfast'));
        $this->becomesServed($visitor);
    }

    public function testAnUpdateKeepsWhatIsSet(): void
    {
        $visitor = $this->served();
        $this->settings(['max_age' => 123]);
        $before = self::stored();
        self::site()->pdo()->exec("UPDATE exp_modules SET module_version = '0.9.0' WHERE module_name = 'Holdfast'");
        self::site()->eecms('addons:update', '--addon=holdfast');
        self::assertSame('1.0.0', self::site()->pdo()->query("SELECT module_version FROM exp_modules WHERE module_name = 'Holdfast'")->fetchColumn());
        self::assertEquals($before, self::stored());
        self::assertSame(0, self::statements($visitor->page('who')));
    }

    public function testItsPageSetsAndExplains(): void
    {
        $admin = new Visitor(self::site());
        $admin->logInToControlPanel();
        $path = '/admin.php?/cp/addons/settings/holdfast';
        self::assertStringContainsString('Members are served from the store.', $admin->get($path)->body);

        $answer = $admin->submit($path, ['max_age' => '3601', 'activity' => '-1']);
        self::assertSame(200, $answer->status);
        self::assertSame(2, substr_count($answer->body, 'ee-form-error-message'));
        self::assertStringContainsString('Not saved', $answer->body);

        self::assertSame(302, $admin->submit($path, ['max_age' => '120', 'activity' => '30', 'enabled' => 'n'])->status);
        $page = $admin->get($path)->body;
        self::assertStringContainsString('Switched off.', $page);
        self::assertMatchesRegularExpression('/name="max_age" value="120"/', $page);
        self::assertMatchesRegularExpression('/name="activity" value="30"/', $page);
        $admin->page('who');
        self::assertGreaterThanOrEqual(6, self::statements($admin->page('who')));

        self::assertSame(302, $admin->submit($path, ['max_age' => '100', 'enabled' => 'y'])->status);
        $this->becomesServed($admin);
        self::assertSame(302, $admin->submit($path, ['max_age' => '0'])->status);
        $admin->page('who');
        self::assertGreaterThanOrEqual(6, self::statements($admin->page('who')), '0 seconds: never');
    }

    public function testASettingDoesNotForgetWhatHasChanged(): void
    {
        $visitor = $this->served();
        $admin = new Visitor(self::site());
        $admin->logInToControlPanel();
        $admin->submit('/admin.php?/cp/addons/settings/holdfast', ['max_age' => '299']);
        self::assertSame(0, self::statements($visitor->page('who')));
    }

    public function testWithoutTheExtensionTheSiteIsAsBefore(): void
    {
        $member = null;
        $visitor = $this->served($member);
        self::site()->serveWithoutHoldfast();
        try {
            $visitor = $visitor->at(self::site());
            self::assertServedByTheDatabase($visitor, $member);
            // What is changed meanwhile is not told by the store.
            $admin = new Visitor(self::site());
            $admin->logInToControlPanel();
            self::assertStringContainsString('PHP has no extension Holdfast.', $admin->get('/admin.php?/cp/addons/settings/holdfast')->body);
            self::inPage($admin, "ee()->db->update('members', ['signature' => 'meanwhile'], ['member_id' => {$member['id']}]);");
        } finally {
            self::site()->serveAsBefore();
        }
        self::assertSame('meanwhile', self::inPage($visitor->at(self::site()), 'echo ee()->session->userdata("signature");'));
    }

    public function testAStoreThatFailsLeavesTheSiteAsBefore(): void
    {
        $member = null;
        $visitor = $this->served($member);
        self::site()->serveWithStore('shared:///proc/nowhere/sessions');
        try {
            $visitor = $visitor->at(self::site());
            self::assertServedByTheDatabase($visitor, $member);
            $complaints = static fn (): int => substr_count(self::site()->log(), 'Holdfast: ');
            $before = $complaints();
            self::assertGreaterThan(0, $before, 'the log says why');
            (new Visitor(self::site()))->page('who');
            self::assertSame($before, $complaints(), 'for a guest nobody opens the store');
            self::inPage($visitor, "ee()->db->update('members', ['signature' => 'meanwhile'], ['member_id' => {$member['id']}]);");
            $admin = new Visitor(self::site());
            $admin->logInToControlPanel();
            self::assertStringContainsString('The store can\'t be used.', $admin->get('/admin.php?/cp/addons/settings/holdfast')->body);
        } finally {
            self::site()->serveAsBefore();
        }
        self::assertSame('meanwhile', self::inPage($visitor->at(self::site()), 'echo ee()->session->userdata("signature");'));
    }

    /** @param array<string, mixed> $member */
    private static function assertServedByTheDatabase(Visitor $visitor, array $member): void
    {
        for ($page = 0; $page < 2; ++$page) {
            $last = $visitor->page('who');
            self::assertSame((string) $member['id'], self::who($last));
            self::assertGreaterThanOrEqual(6, self::statements($last));
        }
    }
}
