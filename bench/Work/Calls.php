<?php

declare(strict_types=1);

namespace Holdfast\Bench\Work;

use Holdfast\Session;

/**
 * What a call costs. The calls stand in a file that is made for the purpose, in loops that call nothing else.
 */
final class Calls
{
    private const CALLS = 4000;

    /** Of a loop, for one figure: their median. */
    private const REPEATS = 7;

    /**
     * What is called, by name: with `Session` and with a PHP class, and with `$_SESSION`.
     *
     * @var array<string, array{string, string}> %s is the object
     */
    public const CASES = [
        "get('name')" => ["%s->get('name')", "\$_SESSION['name'] ?? null"],
        "get('cart'), an array" => ["%s->get('cart')", "\$_SESSION['cart'] ?? null"],
        "set('n', \$i)" => ["%s->set('n', \$i)", "\$_SESSION['n'] = \$i"],
        "getFor('shop', 'currency')" => ["%s->getFor('shop', 'currency')", "\$_SESSION['shop']['currency'] ?? null"],
        "setFor('shop', 'n', \$i)" => ["%s->setFor('shop', 'n', \$i)", "\$_SESSION['shop']['n'] = \$i"],
        'set and remove' => ["%s->set('gone', 1); %1\$s->remove('gone')", "\$_SESSION['gone'] = 1; unset(\$_SESSION['gone'])"],
        '$s->name' => ['%s->name', "\$_SESSION['name']"],
        '$s->n = $i' => ['%s->n = $i', "\$_SESSION['n'] = \$i"],
        'isset($s->name)' => ['isset(%s->name)', "isset(\$_SESSION['name'])"],
        "\$s['name']" => ["%s['name']", "\$_SESSION['name']"],
        "\$s['n'] = \$i" => ["%s['n'] = \$i", "\$_SESSION['n'] = \$i"],
        "isset(\$s['name'])" => ["isset(%s['name'])", "isset(\$_SESSION['name'])"],
        "\$s['cart']['tea'] = \$i" => ["%s['cart']['tea'] = \$i", "\$_SESSION['cart']['tea'] = \$i"],
        'count($s)' => ['count(%s)', 'count($_SESSION)'],
        'getAll()' => ['%s->getAll()', '$_SESSION'],
    ];

    private const WITH = ['session' => '$session', 'plain' => '$plain', 'superglobal' => null];

    /** Makes the file of the calls: the same for all that call it. */
    public static function write(string $file): void
    {
        $loop = static fn (string $statement): string => <<<PHP
                    static function (\$session, \$plain, int \$calls): int {
                        \$began = hrtime(true);
                        for (\$i = 0; \$i < \$calls; ++\$i) {
                            $statement;
                        }
                        return hrtime(true) - \$began;
                    },

            PHP;
        $php = "<?php\n\nreturn [\n    '' => ['' => " . $loop('') . "    ],\n";
        foreach (self::CASES as $name => [$method, $superglobal]) {
            $php .= '    ' . var_export($name, true) . " => [\n";
            foreach (self::WITH as $with => $object) {
                $statement = $object === null ? $superglobal : sprintf($method, $object);
                // A value that nobody takes is not read at all.
                $isRead = !str_contains($statement, '; ') && !str_contains($statement, ' = ');
                $php .= "        '$with' => " . $loop(($isRead ? '$value = ' : '') . $statement);
            }
            $php .= "    ],\n";
        }
        file_put_contents($file, $php . "];\n");
    }

    /**
     * @return array<string, array<string, list<float>>> nanoseconds of a call, the loop's own cost taken off, by name and by
     *   'session', 'plain', 'superglobal'; one figure for each round
     */
    public static function measure(string $file, int $rounds): array
    {
        $loops = require $file;
        $variables = ['name' => 'Ada Lovelace', 'n' => 0, 'cart' => ['tea' => 2, 'cup' => 1, 'pot' => 1]];
        $session = new Session();
        $plain = new PlainSession();
        $_SESSION = $variables + ['shop' => ['currency' => 'EUR', 'n' => 0]];
        foreach ($variables as $name => $value) {
            $session->set($name, $value);
            $plain->set($name, $value);
        }
        foreach ([$session, $plain] as $object) {
            $object->setFor('shop', 'currency', 'EUR');
        }
        $nanoseconds = [];
        for ($round = 0; $round < $rounds; ++$round) {
            foreach (self::CASES as $name => $_) {
                foreach (array_keys(self::WITH) as $with) {
                    $took = [];
                    for ($repeat = 0; $repeat < self::REPEATS; ++$repeat) {
                        $empty = $loops['']['']($session, $plain, self::CALLS);
                        $took[] = ($loops[$name][$with]($session, $plain, self::CALLS) - $empty) / self::CALLS;
                    }
                    sort($took);
                    $nanoseconds[$name][$with][] = max(0.1, $took[intdiv(self::REPEATS, 2)]);
                }
            }
        }
        return $nanoseconds;
    }
}
