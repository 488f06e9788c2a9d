<?php

namespace Holdfast\AddOn\Serving;

/**
 * What is set, and where the store has what has changed. ExpressionEngine reads it with its list of extensions on every
 * request, before it asks for anything else: so reading it costs nothing, and it can't be newer than what is read then.
 */
final class Settings
{
    public const EXTENSION = 'Holdfast_ext';

    private const DEFAULTS = [
        'enabled' => 'y',
        // The most seconds that something may be served which was changed past ExpressionEngine.
        'max_age' => 300,
        // How many seconds of a visit at the most are written to the database at once.
        'activity' => 60,
        // Another one: everything that is kept is void.
        'epoch' => '',
        // The id of the record of what has changed; '' as long as there is none.
        'changes' => '',
    ];

    /** The most seconds for both. */
    public const LONGEST_AGE = 3600;

    private const ATTEMPTS = 20;

    /** @param array<string, mixed> $values */
    public function __construct(private array $values)
    {
    }

    /** As they are in the database now. */
    public static function installed(): self
    {
        return self::parse(self::stored());
    }

    /** @return array<string, mixed> */
    public function all(): array
    {
        return $this->values + self::DEFAULTS;
    }

    public function isEnabled(): bool
    {
        return $this->all()['enabled'] === 'y';
    }

    /** Seconds. */
    public function maxAge(): int
    {
        return (int) $this->all()['max_age'];
    }

    /** Seconds. */
    public function activityInterval(): int
    {
        return (int) $this->all()['activity'];
    }

    public function epoch(): string
    {
        return (string) $this->all()['epoch'];
    }

    /** The id of the record of what has changed; '' when there is none. */
    public function changes(): string
    {
        return (string) $this->all()['changes'];
    }

    /**
     * Changes some, whatever others change at the same time.
     *
     * @param callable(self): array<string, mixed> $change is given what is there and gives what shall be different; [] leaves it.
     * @return self what is in the database then
     */
    public static function change(callable $change): self
    {
        for ($attempt = 0; $attempt < self::ATTEMPTS; ++$attempt) {
            $stored = self::stored();
            $settings = self::parse($stored);
            // Where the add-on is not installed any more there is nothing to change.
            $changed = $stored === null ? [] : $change($settings);
            if ($changed === []) {
                return $settings;
            }
            $values = $changed + $settings->all();
            ee('db')->query(ee('db')->update_string(
                'exp_extensions',
                ['settings' => serialize($values)],
                ['class' => self::EXTENSION, 'settings' => $stored]
            ));
            if (self::parse(self::stored())->all() == $values) {
                return new self($values);
            }
        }
        throw new \RuntimeException("Holdfast's settings could not be saved.");
    }

    /** Makes void all that is kept for anybody. */
    public static function voidAll(): void
    {
        self::change(static fn (): array => ['epoch' => bin2hex(random_bytes(8))]);
    }

    /** null when the add-on is not installed. */
    private static function stored(): ?string
    {
        $row = ee('db')->select('settings')->where('class', self::EXTENSION)->where('hook', 'sessions_start')->get('extensions')->row();

        return is_object($row) ? (string) $row->settings : null;
    }

    private static function parse(?string $stored): self
    {
        $values = (string) $stored === '' ? [] : unserialize($stored, ['allowed_classes' => false]);

        return new self(is_array($values) ? $values : []);
    }
}
