<?php

declare(strict_types=1);

namespace Holdfast\Tests\Users\Databases;

use PDO;

/**
 * How an empty database is reached that belongs to one test.
 */
final class Connection
{
    /** @param list<string> $extensions what a PHP without php.ini loads for it, where that is not built in */
    public function __construct(
        public readonly string $dsn,
        public readonly ?string $user,
        public readonly ?string $password,
        private readonly array $extensions,
    ) {
    }

    public function pdo(): PDO
    {
        return new PDO($this->dsn, $this->user, $this->password);
    }

    /** PHP code for an expression that makes an object of a class that takes what PDO takes. */
    public function code(string $class = 'PDO'): string
    {
        $arguments = array_map(static fn (?string $value): string => var_export($value, true), [$this->dsn, $this->user, $this->password]);
        return "new $class(" . implode(', ', $arguments) . ')';
    }

    /** @return list<string> */
    public function extensions(): array
    {
        $isFile = static fn (string $name): bool => is_file(ini_get('extension_dir') . '/' . $name);
        return array_values(array_filter(['pdo.so', ...$this->extensions], $isFile));
    }
}
