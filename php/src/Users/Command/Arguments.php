<?php

declare(strict_types=1);

namespace Holdfast\Users\Command;

/**
 * The arguments of holdfast-user, taken apart.
 */
final class Arguments
{
    private const WITH_VALUE = ['--dsn', '--table', '--members', '--roles', '--store'];
    private const FLAGS = ['--password-stdin', '--help', '-h'];

    /**
     * @param list<string> $words what is no option
     * @param array<string, string> $options by name; a flag has the value ''
     */
    private function __construct(public readonly array $words, private readonly array $options)
    {
    }

    /**
     * @param list<string> $arguments
     * @throws UsageError
     */
    public static function of(array $arguments): self
    {
        $words = [];
        $options = [];
        while ($arguments !== []) {
            $argument = array_shift($arguments);
            if ($argument === '--') {
                array_push($words, ...$arguments);
                break;
            }
            if (!str_starts_with($argument, '-')) {
                $words[] = $argument;
                continue;
            }
            [$name, $value] = explode('=', $argument, 2) + [1 => null];
            if ($value === null ? !in_array($name, self::FLAGS, true) : !in_array($name, self::WITH_VALUE, true)) {
                throw new UsageError(match (true) {
                    in_array($name, self::WITH_VALUE, true) => "The option $name needs a value: $name=...",
                    in_array($name, self::FLAGS, true) => "The option $name takes no value.",
                    str_starts_with($name, '--pass') => 'A password is never an argument, as everybody on this machine can'
                        . ' read it there: it is asked for, or read by --password-stdin.',
                    // Of what looks like -pSECRET, not the whole.
                    default => 'There is no option ' . (str_starts_with($name, '--') ? $name : substr($name, 0, 2))
                        . '. A name that begins with - comes after --.',
                });
            }
            $options[$name] = $value ?? '';
        }
        return new self($words, $options);
    }

    public function has(string $flag): bool
    {
        return isset($this->options[$flag]);
    }

    public function option(string $name): ?string
    {
        return $this->options[$name] ?? null;
    }

    /**
     * The words after the first, which must be as many as there are names for them.
     *
     * @return list<string>
     * @throws UsageError
     */
    public function operands(string ...$names): array
    {
        $operands = array_slice($this->words, 1);
        if (count($operands) !== count($names)) {
            $wanted = $names === [] ? 'nothing' : 'one ' . implode(' and one ', $names) . ' and nothing';
            throw new UsageError("{$this->words[0]} takes $wanted else.");
        }
        return $operands;
    }
}
