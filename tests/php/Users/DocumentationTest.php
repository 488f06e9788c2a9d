<?php

declare(strict_types=1);

namespace Holdfast\Tests\Users;

use Holdfast\Tests\Users\Databases\Sqlite;

/**
 * docs/users.md: its examples run, and what it says of the command is what the command says.
 */
final class DocumentationTest extends DatabaseTestCase
{
    private const DOCUMENTATION = __DIR__ . '/../../../docs/users.md';

    public function testTheProvidersExampleRuns(): void
    {
        $connection = $this->installed(Sqlite::class);
        $this->passesWith($connection, '$users->create("anna", "correct horse");');
        $example = str_replace('sqlite:/var/lib/shop/users.sqlite', $connection->dsn, self::block('provider'), $replaced);
        self::assertSame(1, $replaced);
        $result = $this->passesWith($connection, $example);
        self::assertMatchesRegularExpression('/^1 anna \d{4}-\d\d-\d\d\n2 Berta \d{4}-\d\d-\d\d\n/', $result->output);
        $this->passesWith($connection, 'assert(iterator_count($users->all()) === 1);');
    }

    /** A site's own users, in a table of WordPress. */
    public function testTheExampleOverATableThatIsThereRuns(): void
    {
        $this->passesWith($this->fresh(Sqlite::class), self::block('wordpress') . <<<'PHP'
            $pdo->exec('CREATE TABLE wp_users (ID INTEGER PRIMARY KEY, user_login TEXT, user_pass TEXT)');
            $insert = $pdo->prepare('INSERT INTO wp_users (user_login, user_pass) VALUES (?, ?)');
            $digest = base64_encode(hash_hmac('sha384', 'correct horse', 'wp-sha384', true));
            $insert->execute(['anna', '$wp' . password_hash($digest, PASSWORD_BCRYPT, ['cost' => 4])]);
            $insert->execute(['berta', password_hash('battery staple', PASSWORD_BCRYPT, ['cost' => 4])]);
            $insert->execute(['carla', '$P$B55D6LjfHDkINU5wF.v2BuuzO0/XPk/']);

            $authors = new Authors($pdo);
            [$anna, $berta, $carla] = array_map([$authors, 'findByName'], ['anna', 'berta', 'carla']);
            assert($anna instanceof Holdfast\User && $anna->getName() === 'anna');
            assert($authors->findById($anna->getId()) == $anna);
            assert($authors->findByName('nobody') === null && $authors->findById(0) === null);
            assert($authors->verifyPassword($anna, 'correct horse'));
            assert(!$authors->verifyPassword($anna, 'battery staple') && !$authors->verifyPassword($anna, $digest));
            assert($authors->verifyPassword($berta, 'battery staple'));
            assert(!$authors->verifyPassword($berta, 'correct horse'));
            assert(!$authors->verifyPassword($carla, 'test'));
            assert(!$authors->verifyPassword(null, 'correct horse'));
            $before = getrusage()['ru_utime.tv_usec'] + getrusage()['ru_utime.tv_sec'] * 1_000_000;
            $authors->verifyPassword(null, 'correct horse');
            assert(getrusage()['ru_utime.tv_usec'] + getrusage()['ru_utime.tv_sec'] * 1_000_000 - $before > 1000, 'it worked for nobody');
            PHP);
    }

    public function testTheCommandsHelpIsShownWhole(): void
    {
        $connection = $this->fresh(Sqlite::class);
        $help = $this->cliFor($connection)->runFile(self::LIBRARY . '/bin/holdfast-user', ['--help']);
        self::assertSame('', $help->errors);
        self::assertSame($help->output, self::block('help'));
    }

    /** The interfaces are shown without their documentation, but as they are. */
    public function testTheInterfacesAreShownAsTheyAre(): void
    {
        $text = (string) file_get_contents(self::DOCUMENTATION);
        preg_match_all('/public function (\w+)\((.*?)\): (\S+);/', strstr($text, '- A site without users', true) ?: '', $shown, PREG_SET_ORDER);
        $code = '';
        foreach ($shown as [, $method, $parameters, $returns]) {
            $class = str_starts_with($method, 'get') ? 'User' : 'UserProvider';
            $code .= "namespace Holdfast { abstract class Shown$method implements $class { public abstract function $method($parameters): $returns; } }\n";
        }
        self::assertCount(5, $shown);
        $result = $this->cli()->run($code . 'namespace { echo "reached the end"; }');
        self::assertSame('', $result->errors);
        self::assertSame('reached the end', $result->output);
    }

    public function testComposerAndTheLibrarysOwnLoaderFindTheSameClasses(): void
    {
        $composer = json_decode((string) file_get_contents(self::LIBRARY . '/composer.json'), true, 8, JSON_THROW_ON_ERROR);
        self::assertSame('holdfast/session', $composer['name']);
        self::assertSame(['Holdfast\\' => 'src/'], $composer['autoload']['psr-4']);
        self::assertFileExists(self::LIBRARY . '/' . $composer['bin'][0]);
        $sources = new \RecursiveIteratorIterator(new \RecursiveDirectoryIterator(self::LIBRARY . '/src', \FilesystemIterator::SKIP_DOTS));
        $classes = [];
        foreach ($sources as $file) {
            $path = substr((string) $file, strlen(self::LIBRARY . '/src/'), -strlen('.php'));
            $classes[] = 'Holdfast\\' . strtr($path, '/', '\\');
        }
        self::assertNotEmpty($classes);
        $this->passesWith($this->fresh(Sqlite::class), 'foreach (' . var_export($classes, true) . ' as $class) {
            assert(class_exists($class) || interface_exists($class), $class);
        }
        assert(!class_exists("Holdfast\\Users\\Nothing"));');
    }

    /** The block of code behind a comment that names it. */
    private static function block(string $name): string
    {
        $found = preg_match("/<!-- test: $name -->\n```\w+\n(.*?)```\n/s", (string) file_get_contents(self::DOCUMENTATION), $parts);
        self::assertSame(1, $found, "docs/users.md has a block '$name'");
        return $parts[1];
    }
}
