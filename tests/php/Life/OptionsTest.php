<?php

declare(strict_types=1);

namespace Holdfast\Tests\Life;

use Holdfast\Tests\HoldfastTestCase;

/**
 * Issue 2: options override settings; an unknown option is an error that names it.
 */
final class OptionsTest extends HoldfastTestCase
{
    public function testOptionsOverrideSettings(): void
    {
        $this->passes(<<<'PHP'
            assert((new Session(['cookie_name' => 'optional']))->getCookieName() === 'optional');
            $hosted = new Session(['cookie_name' => 'hosted', 'cookie_host_prefix' => true]);
            assert($hosted->getCookieName() === '__Host-hosted');
            PHP, ['holdfast.cookie_name' => 'set']);
    }

    public function testSettingsApplyWithoutOptions(): void
    {
        $this->passes(
            'assert((new Session())->getCookieName() === "__Host-set");',
            ['holdfast.cookie_name' => 'set', 'holdfast.cookie_host_prefix' => 1]
        );
    }

    public function testSettingsCanBeChangedBeforeTheFirstUse(): void
    {
        $this->passes(<<<'PHP'
            assert(ini_set('holdfast.cookie_name', 'changed') === 'holdfast');
            assert((new Session())->getCookieName() === 'changed');
            PHP);
    }

    public function testAStoreOfItsOwn(): void
    {
        $this->passes(<<<'PHP'
            $session = new Session(['store' => 'memory:', 'cookie_name' => 'memory']);
            $session->a = 1;
            $session->save();
            $id = $session->getId();
            $other = new Session();
            $other->b = 1;
            assert($session->getAll() === ['a' => 1]);
            assert($other->getAll() === ['b' => 1]);
            PHP);
    }

    /** @dataProvider badOptions */
    public function testABadOptionIsNamed(string $options, string $name): void
    {
        $this->passes(<<<PHP
            try {
                new Session($options);
                assert(false, 'taken');
            } catch (Holdfast\\Exception\\InvalidArgument \$refused) {
                assert(str_contains(\$refused->getMessage(), '$name'), \$refused->getMessage());
                assert(\$refused instanceof Holdfast\\Exception\\HoldfastException);
                assert(\$refused instanceof InvalidArgumentException);
            }
            // A refused handle leaves nothing behind.
            \$session = new Session();
            \$session->a = 1;
            PHP);
    }

    /** @return array<string, array{string, string}> */
    public static function badOptions(): array
    {
        return [
            'unknown' => ["['cookie_nmae' => 'x']", 'cookie_nmae'],
            'unknown, a number' => ["['x']", '0'],
            'a setting that is no option' => ["['global_class' => true]", 'global_class'],
            'a name with a space' => ["['cookie_name' => 'a b']", 'cookie_name'],
            'an empty name' => ["['cookie_name' => '']", 'cookie_name'],
            'a name of the wrong type' => ["['cookie_name' => []]", 'cookie_name'],
            'a path with a line break' => ["['cookie_path' => \"/\\r\\nX: y\"]", 'cookie_path'],
            'a path with a semicolon' => ["['cookie_path' => '/;x']", 'cookie_path'],
            'a domain with a semicolon' => ["['cookie_domain' => 'a;b']", 'cookie_domain'],
            'an unknown samesite' => ["['cookie_samesite' => 'Loose']", 'cookie_samesite'],
            'secure, misspelt' => ["['cookie_secure' => 'sometimes']", 'cookie_secure'],
            'a negative cookie lifetime' => ["['cookie_lifetime' => -1]", 'cookie_lifetime'],
            'no lifetime' => ["['lifetime' => 0]", 'lifetime'],
            'a lifetime of the wrong type' => ["['lifetime' => 'long']", 'lifetime'],
            'an unknown scheme' => ["['store' => 'mysql://localhost']", 'mysql'],
            'an unknown parameter of a DSN' => ["['store' => 'memory:?colour=red']", 'colour'],
            'a bad size' => ["['store' => 'memory:?capacity=lots']", 'capacity'],
            'a proxy that is none' => ["['trusted_proxies' => 'proxy.example']", 'proxy.example'],
            'a host that is none' => ["['redirect_hosts' => 'a.example,*']", 'redirect_hosts'],
            'an origin with a path' => ["['csrf_origins' => 'https://a.example/']", 'csrf_origins'],
            'an id of the wrong type' => ["['id' => []]", 'id'],
        ];
    }

    public function testTheSameOptionsAgainAreAnotherHandle(): void
    {
        $this->passes(<<<'PHP'
            $one = new Session(['cookie_name' => 'shop', 'lifetime' => 60]);
            $one->a = 1;
            $two = new Session(['cookie_name' => 'shop', 'lifetime' => 60]);
            assert($two->a === 1);
            PHP);
    }

    public function testOtherOptionsForASessionInUseAreRefused(): void
    {
        $this->passes(<<<'PHP'
            $one = new Session(['cookie_name' => 'shop', 'lifetime' => 60]);
            $one->a = 1;
            try {
                new Session(['cookie_name' => 'shop', 'lifetime' => 61]);
                assert(false, 'taken');
            } catch (Holdfast\Exception\InvalidState $refused) {
                assert(str_contains($refused->getMessage(), 'shop'), $refused->getMessage());
            }
            PHP);
    }

    public function testTwoCookieNamesAreTwoSessions(): void
    {
        $this->passes(<<<'PHP'
            $site = new Session();
            $admin = new Session(['cookie_name' => 'admin']);
            $site->a = 1;
            assert($admin->getAll() === []);
            $admin->b = 2;
            assert($site->getAll() === ['a' => 1]);
            assert($site->getId() !== $admin->getId());
            PHP);
    }

    /** S24: an id is bound to its cookie name. */
    public function testAnIdOfAnotherCookieNameIsNotAccepted(): void
    {
        $id = $this->roundTrip('$session->a = 1;', '');
        $this->passes(<<<PHP
            try {
                \$session = new Session(['cookie_name' => 'admin', 'id' => '$id']);
                assert(\$session->getAll() === []);
            } catch (Holdfast\\Exception\\InvalidArgument) {
            }
            PHP);
    }
}
