<?php

declare(strict_types=1);

namespace Holdfast\Tests\Values;

use Holdfast\Tests\HoldfastTestCase;

/**
 * Issue 2: all PHP values round-trip exactly.
 *
 * PHP's own serialize() is the witness: equal text means equal types, bits of floats, order of keys, references and
 * identities of objects.
 */
final class RoundTripTest extends HoldfastTestCase
{
    /**
     * One process writes all samples, another reads each by itself: what one variable's decoding leaves behind does
     * not hide in another's.
     *
     * @group cycles
     */
    public function testEveryValueComesBackAsItWas(): void
    {
        $samples = 'require ' . var_export(__DIR__ . '/samples.php', true) . ';';
        $this->roundTrip(
            'foreach (samples() as $name => $value) { $session->set($name, $value); }',
            <<<'PHP'
            // The witness takes the same way: an object that changes on that way (__wakeup) has changed there too.
            $onceThere = static fn (mixed $value): string => serialize(unserialize(serialize([$value])));
            foreach (samples() as $name => $value) {
                assert(serialize([$session->get($name)]) === $onceThere($value), $name);
            }
            assert(array_keys($session->getAll()) === array_keys(samples()));
            assert(array_key_exists('null', $session->getAll()));
            PHP,
            $samples
        );
    }

    public function testBitsOfFloats(): void
    {
        $this->roundTrip(
            '$session->floats = [-0.0, NAN, INF, -INF, 0.1 + 0.2, 1e308, 5e-324];',
            'assert(array_map(fn ($f) => bin2hex(pack("E", $f)), $session->floats)
                === array_map(fn ($f) => bin2hex(pack("E", $f)), [-0.0, NAN, INF, -INF, 0.1 + 0.2, 1e308, 5e-324]));'
        );
    }

    /** What comes next when something is appended, as far as the array's keys tell: PHP's serialize forgets the rest. */
    public function testTheNextIndexOfAnArray(): void
    {
        $this->roundTrip(
            <<<'PHP'
            $session->list = [1, 2, 3];
            $session->late = [5 => 'a'];
            $session->negative = [-5 => 'a'];
            PHP,
            <<<'PHP'
            $session->list[] = 'next';
            assert(array_key_last($session->list) === 3);
            $session->late[] = 'next';
            assert(array_key_last($session->late) === 6);
            $here = unserialize(serialize([-5 => 'a']));
            $here[] = 'next';
            $session->negative[] = 'next';
            assert(array_keys($session->negative) === array_keys($here));
            PHP
        );
    }

    /** @group cycles */
    public function testManyRoundTripsChangeNothing(): void
    {
        $samples = 'require ' . var_export(__DIR__ . '/samples.php', true) . ';';
        $id = $this->roundTrip('foreach (samples() as $name => $value) { $session->set($name, $value); }', '', $samples);
        $fingerprint = "$samples \$session = new Session(['id' => '$id']);
            foreach (\$session as \$name => \$value) { \$session->set(\$name, \$value); }
            \$session->set('round', 0);
            \$session->remove('round');
            \$session->save();
            echo md5(serialize(array_map(fn (\$value) => serialize(\$value), \$session->getAll())));";
        $first = $this->cli()->run($fingerprint);
        self::assertSame('', $first->errors);
        for ($round = 0; $round < 3; ++$round) {
            self::assertSame($first->output, $this->cli()->run($fingerprint)->output);
        }
    }
}
