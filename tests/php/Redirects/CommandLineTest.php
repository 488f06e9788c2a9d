<?php

declare(strict_types=1);

namespace Holdfast\Tests\Redirects;

use Holdfast\Tests\HoldfastTestCase;

/**
 * Issue 4: a redirect on the command line, and the URL to go to after a login.
 */
final class CommandLineTest extends HoldfastTestCase
{
    public function testARedirectEndsTheScriptAndPrintsNothing(): void
    {
        $result = $this->cli()->run('echo "before"; (new Session())->redirect("/x"); echo "after";');
        self::assertSame(['before', '', 0], [$result->output, $result->errors, $result->exitCode]);
    }

    public function testTheSessionIsSavedAndShutdownFunctionsRun(): void
    {
        $id = $this->roundTrip('$session->n = 0;', '');
        $result = $this->cli()->run("\$session = new Session(['id' => '$id']);
            register_shutdown_function(static fn () => print('shutdown'));
            \$session->n = 1;
            \$session->redirect('/x');");
        self::assertSame(['shutdown', '', 0], [$result->output, $result->errors, $result->exitCode]);
        $this->passes("assert((new Session(['id' => '$id']))->n === 1);");
    }

    public function testAVariableThatCannotBeSavedIsToldOnce(): void
    {
        $result = $this->cli()->run('$session = new Session();
            $session->bad = (object) ["closure" => static fn () => 1];
            $session->redirect("/x");');
        self::assertSame('', $result->output);
        self::assertSame(1, substr_count($result->errors, "session variable 'bad' can't be stored"), $result->errors);
    }

    public function testAnExitWhileSavingIsThatExit(): void
    {
        $result = $this->cli()->run('class Quits { public function __serialize(): array { exit(3); } }
            $session = new Session();
            $session->quits = new Quits();
            $session->redirect("/x");
            echo "after";');
        self::assertSame(['', 3], [$result->output, $result->exitCode], $result->errors);
    }

    public function testTheUrlAfterLoginIsKeptInTheSession(): void
    {
        $this->roundTrip(
            'assert($session->redirectUrl() === "" && $session->getId() === "");
             assert($session->redirectUrl("/members/?a=b") === "/members/?a=b");
             assert($session->redirectUrl() === "/members/?a=b");',
            'assert($session->redirectUrl() === "/members/?a=b");
             assert($session->redirectUrl("") === "/members/?a=b", "the empty URL asks");
             assert($session->redirectUrl("/other") === "/other");
             foreach (["//evil.example", "https://evil.example/", "/x\nX: y", []] as $bad) {
                 try {
                     $session->redirectUrl($bad);
                     assert(false);
                 } catch (Holdfast\Exception\InvalidArgument) {
                 }
             }
             assert($session->redirectUrl() === "/other");
             assert($session->redirectUrl(null) === "");
             assert($session->redirectUrl() === "");
             assert(count($session) === 0);'
        );
    }

    public function testAnObjectThatIsAUrlIsOne(): void
    {
        $this->passes('$page = new class () { public function __toString(): string { return "/page/"; } };
            assert((new Session())->redirectUrl($page) === "/page/");');
    }
}
