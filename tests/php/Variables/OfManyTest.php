<?php

declare(strict_types=1);

namespace Holdfast\Tests\Variables;

use Holdfast\Tests\HoldfastTestCase;

/**
 * A request takes only those variables out of what is stored that it asks for. Nobody can tell: neither by their order, nor by
 * what is saved, whatever was asked for before.
 */
final class OfManyTest extends HoldfastTestCase
{
    private const FILL = <<<'PHP'
        function filled(int $count): array
        {
            $all = [];
            for ($n = 0; $n < $count; ++$n) {
                $all[$n % 7 === 3 ? (string) ($n - 20) : "item$n"] = $n % 3 === 0 ? $n * 1000 : ['id' => $n, 'tags' => ['a', "t$n"]];
            }
            return $all;
        }
        $model = filled($count);
        $session = new Session();
        foreach ($model as $name => $value) {
            $session->set((string) $name, $value);
        }
        $session->close();
        $session->start();
        PHP;

    /** @return iterable<string, array{int}> */
    public static function counts(): iterable
    {
        foreach ([1, 5, 40, 300] as $count) {
            yield "$count" => [$count];
        }
    }

    /** @dataProvider counts */
    public function testTheOrderIsNotThatInWhichSomebodyAsks(int $count): void
    {
        $this->passes("\$count = $count;" . self::FILL . <<<'PHP'
            $names = array_keys($model);
            assert($session->get((string) end($names)) === end($model));
            $session->set('new', 'x');
            $model['new'] = 'x';
            assert($session->get((string) $names[0]) === $model[$names[0]]);
            assert($session->get('nothing') === null);
            $session->set((string) $names[0], 'changed');
            $model[$names[0]] = 'changed';
            assert(count($session) === count($model));
            $session->save();
            assert($session->get('new') === 'x');
            $session->set('newer', 'y');
            $model['newer'] = 'y';
            $session->close();
            $session->start();
            assert($session->get('newer') === 'y');
            assert(count($session) === count($model));
            assert(serialize($session->getAll()) === serialize($model));
            PHP);
    }

    /** @dataProvider counts */
    public function testWhatIsRemovedAndSetAgainIsTheLast(int $count): void
    {
        $this->passes("\$count = $count;" . self::FILL . <<<'PHP'
            $first = (string) array_key_first($model);
            $value = $session->get($first);
            $session->set('before', 1);
            $session->remove($first);
            unset($model[$first]);
            assert($session->get($first) === null && !isset($session[$first]));
            $session->set($first, $value);
            $model['before'] = 1;
            $model[$first] = $value;
            $session->close();
            $session->start();
            assert(count($session) === count($model));
            assert(serialize($session->getAll()) === serialize($model));
            PHP);
    }

    public function testWhoAsksForEachGetsEach(): void
    {
        $this->passes('$count = 300;' . self::FILL . <<<'PHP'
            foreach (array_reverse($model, true) as $name => $value) {
                assert($session->get((string) $name) === $value);
                assert($session->get("no$name") === null);
            }
            $session->set('item1', ['other']);
            $model['item1'] = ['other'];
            $session->close();
            $session->start();
            assert(serialize($session->getAll()) === serialize($model));
            PHP);
    }

    public function testOnlyNamesThatPhpTakesForIntegersAreIntegers(): void
    {
        $this->passes(<<<'PHP'
            $names = ['0', '-0', '00', '01', '-1', '-01', '1e3', ' 1', '1 ', '+1', '-', '', '9223372036854775807',
                '9223372036854775808', '-9223372036854775807', '-9223372036854775808', '-9223372036854775809', '12345678901234567890'];
            $model = [];
            $session = new Session();
            foreach ($names as $n => $name) {
                $session->set($name, "value $n");
                $model[$name] = "value $n";
            }
            $session->close();
            $session->start();
            foreach ($names as $n => $name) {
                assert($session->get($name) === "value $n", $name);
            }
            assert($session->get('1') === null && $session->get('-2') === null);
            assert($session->getAll() === $model);
            PHP);
    }

    public function testWhatAnotherRequestHasSavedMeanwhileIsThere(): void
    {
        $settings = ['holdfast.store' => $this->store()];
        $this->passes('$count = 50;' . self::FILL . <<<'PHP'
            $other = static function (string $code) use ($session): void {
                $command = [PHP_BINARY, '-n'];
                foreach (['extension' => getenv('HOLDFAST_EXTENSION'), 'holdfast.store' => '"' . ini_get('holdfast.store') . '"'] as $name => $value) {
                    array_push($command, '-d', "$name=$value");
                }
                $id = var_export($session->getId(), true);
                array_push($command, '-r', "\$session = new Holdfast\\Session(['id' => $id]); $code");
                exec(implode(' ', array_map('escapeshellarg', $command)), $output, $status);
                assert($status === 0, implode("\n", $output));
            };
            assert($session->get('item1')['id'] === 1 && $session->get('item2')['id'] === 2);
            $session->set('item4', 'ours');
            $session->set('ours', 'new');
            $other('$session->set("item2", "theirs"); $session->set("theirs", "new"); $session->remove("item5"); $session->close();');
            $session->save();
            assert($session->get('item1')['id'] === 1);
            assert($session->get('item2') === 'theirs');
            assert($session->get('item4') === 'ours');
            assert($session->get('ours') === 'new' && $session->get('theirs') === 'new');
            assert($session->get('item5') === null);
            $session->set('item1', 'last');
            $session->close();
            $session->start();
            $all = $session->getAll();
            assert(count($all) === 51 && $all['item1'] === 'last' && $all['item2'] === 'theirs' && $all['item7'] === $model['item7']);
            PHP, $settings);
    }
}
