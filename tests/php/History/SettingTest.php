<?php

declare(strict_types=1);

namespace Holdfast\Tests\History;

use Holdfast\Tests\HoldfastTestCase;

/**
 * Issue 4: `getHistory` on the command line, the range of the setting, and `sessionHandler`.
 */
final class SettingTest extends HoldfastTestCase
{
    public function testOnACommandLineThereAreNoPages(): void
    {
        $this->passes('$session = new Session();
            $session->a = 1;
            assert($session->maintenance() === null);
            assert($session->getHistory() === []);', ['holdfast.history' => 5]);
    }

    public function testWhatIsNoHistoryIsNone(): void
    {
        $this->passes('$session = new Session();
            foreach (["text", ["history" => "text"], ["history" => null], []] as $user) {
                $session->set("_user", $user);
                assert($session->getHistory() === []);
            }
            $session->setFor("_user", "history", [4 => ["url" => "/"]]);
            assert($session->getHistory() === [4 => ["url" => "/"]]);');
    }

    public function testABadNumberOfPagesIsAnErrorThatNamesIt(): void
    {
        foreach (['-1', 'many', '1001', '1.5'] as $bad) {
            $result = $this->cli(['holdfast.history' => $bad])->run('');
            self::assertStringContainsString('holdfast.history must be a whole number of pages from 0 to 1000', $result->errors);
            $this->passes("try {
                new Session(['history' => '$bad']);
                assert(false);
            } catch (Holdfast\\Exception\\InvalidArgument \$failure) {
                assert(str_contains(\$failure->getMessage(), \"'history'\"));
            }");
        }
    }

    public function testASessionHandlerIsKeptForThoseWhoAsk(): void
    {
        $this->passes('$session = new Session();
            assert($session->sessionHandler() === null);
            $handler = new class () { public bool $gone = false; };
            assert($session->sessionHandler($handler) === $handler);
            assert($session->sessionHandler() === $handler);
            assert($session->sessionHandler(null) === $handler);
            assert((new Session())->sessionHandler() === $handler, "of the session, whichever object is asked");
            try {
                $session->sessionHandler("files");
                assert(false);
            } catch (Holdfast\Exception\InvalidArgument) {
            }
            $session->a = 1;
            $session->save();
            assert($session->getAll() === ["a" => 1], "it is not stored");');
    }
}
