<?php

declare(strict_types=1);

namespace Holdfast\Tests\Life;

use Holdfast\Tests\HoldfastTestCase;

/**
 * Issue 2: init, start, save, close, current, and the id.
 */
final class StartSaveCloseTest extends HoldfastTestCase
{
    public function testTheyReturnTrue(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            assert($session->init() === true);
            assert($session->start() === true);
            assert($session->save() === true);
            $session->a = 1;
            assert($session->save() === true);
            assert($session->close() === true);
            assert($session->start() === true);
            assert($session->destroy() === true);
            PHP);
    }

    public function testCurrentIsTheSessionThatWasMadeFirst(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session(['cookie_name' => 'first']);
            $second = new Session(['cookie_name' => 'second']);
            assert(Session::current()->getCookieName() === 'first');
            $session->a = 1;
            assert(Holdfast\Session::current()->a === 1);
            PHP);
    }

    public function testCurrentMakesASessionWhereThereIsNone(): void
    {
        $this->passes(<<<'PHP'
            assert(Session::current() instanceof Holdfast\Session);
            Session::current()->a = 1;
            assert(Session::current()->a === 1);
            assert(Session::current()->getCookieName() === 'holdfast');
            PHP);
    }

    public function testTheIdComesWithTheFirstChangeAndStays(): void
    {
        $result = $this->passes(<<<'PHP'
            $session = new Session();
            assert($session->getId() === '');
            $session->init();
            assert($session->getId() === '');
            $session->a = 1;
            $id = $session->getId();
            assert(preg_match('/^[A-Za-z0-9_-]{43}$/D', $id) === 1);
            $session->b = 1;
            $session->save();
            unset($session->a, $session->b);
            assert($session->getId() === $id);
            PHP);
        self::assertSame(0, $result->exitCode);
    }

    public function testSavingMakesItVisibleToOthersAtOnce(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            $session->a = 1;
            assert($session->save() === true);
            $session->b = 2;
            PHP . $this->otherProcessSees('["a" => 1]') . <<<'PHP'
            $session->save();
            PHP . $this->otherProcessSees('["a" => 1, "b" => 2]'));
    }

    public function testSaveIsTheEndOfNothing(): void
    {
        $this->roundTrip(
            '$session->a = 1; $session->save(); $session->b = 2; $session->save(); $session->c = 3;',
            'assert($session->getAll() === ["a" => 1, "b" => 2, "c" => 3]);'
        );
    }

    public function testAfterCloseValuesCanBeReadButNotChanged(): void
    {
        $this->roundTrip(
            <<<'PHP'
            $session->a = 1;
            $session->list = [1];
            $session->close();
            assert($session->a === 1 && $session['a'] === 1 && isset($session->a) && count($session) === 2);
            $changes = [
                static fn () => $session->set('b', 2),
                static fn () => $session->setFor('ns', 'b', 2),
                static function () use ($session) { $session->b = 2; },
                static function () use ($session) { $session['b'] = 2; },
                static function () use ($session) { $session['list'][] = 2; },
                static function () use ($session) { unset($session->a); },
                static fn () => $session->remove('a'),
                static fn () => $session->removeAllFor('list'),
            ];
            foreach ($changes as $at => $change) {
                try {
                    $change();
                    assert(false, "change $at was taken");
                } catch (Holdfast\Exception\InvalidState) {
                }
            }
            assert($session->getAll() === ['a' => 1, 'list' => [1]]);
            PHP,
            'assert($session->getAll() === ["a" => 1, "list" => [1]]);'
        );
    }

    public function testStartAfterCloseBeginsAgainWithWhatIsStored(): void
    {
        $this->roundTrip(
            <<<'PHP'
            $session->a = 1;
            $id = $session->getId();
            $session->close();
            $session->start();
            assert($session->a === 1);
            assert($session->getId() === $id);
            $session->b = 2;
            PHP,
            'assert($session->getAll() === ["a" => 1, "b" => 2]);'
        );
    }

    public function testAnUnknownIdStartsEmptyWithAnIdOfItsOwn(): void
    {
        $this->passes(<<<'PHP'
            $other = new Session(['cookie_name' => 'other']);
            $other->a = 1;
            try {
                $session = new Session(['id' => str_repeat('A', 43)]);
                $session->init();
                $session->b = 1;
                assert($session->getId() !== str_repeat('A', 43));
            } catch (Holdfast\Exception\InvalidArgument $refused) {
                assert(str_contains($refused->getMessage(), 'id'), $refused->getMessage());
                assert(!str_contains($refused->getMessage(), 'AAAA'), 'S29: an id in an exception');
            }
            PHP);
    }

    public function testTheCookieName(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session();
            assert($session->getCookieName() === 'holdfast');
            assert($session->setCookieName('shop') === $session);
            assert($session->getCookieName() === 'shop');
            foreach (['', 'a b', 'a;b', "a\r\nb", 'a=b', '__Host-[', 'ü'] as $bad) {
                try {
                    $session->setCookieName($bad);
                    assert(false, "took '$bad'");
                } catch (Holdfast\Exception\InvalidArgument) {
                }
            }
            assert($session->getCookieName() === 'shop');
            $session->a = 1;
            try {
                $session->setCookieName('late');
                assert(false, 'took it after the first change');
            } catch (Holdfast\Exception\InvalidState) {
            }
            PHP);
    }

    public function testAnExpiredSessionIsEmptyToTheSecond(): void
    {
        // S12: enforced at read, whatever was collected.
        $written = $this->cli(['holdfast.lifetime' => 1])->run(
            '$session = new Session(); $session->a = 1; $session->save(); echo $session->getId();'
        );
        self::assertSame('', $written->errors);
        // The passing of time is the condition that is waited for.
        usleep(1_100_000);
        $this->passes(
            "\$session = new Session(['id' => '{$written->output}']); assert(\$session->getAll() === []);",
            ['holdfast.lifetime' => 1]
        );
    }

    /** PHP code that asserts what another process reads of this session now. */
    private function otherProcessSees(string $expected): string
    {
        $script = $this->directory() . '/other.php';
        file_put_contents($script, '<?php echo json_encode((new Session(["id" => $argv[1]]))->getAll());');
        $command = [PHP_BINARY, ...\Holdfast\Tests\Extension::arguments(['holdfast.store' => $this->store()]), $script];
        $shell = var_export(implode(' ', array_map('escapeshellarg', $command)), true);
        return "\n\$seen = shell_exec($shell . ' ' . escapeshellarg(\$session->getId()));
            assert(\$seen === json_encode($expected), (string) \$seen);\n";
    }
}
