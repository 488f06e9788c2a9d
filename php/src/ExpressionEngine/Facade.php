<?php

declare(strict_types=1);

namespace Holdfast\ExpressionEngine;

use Holdfast\Exception\InvalidArgument;
use Holdfast\Exception\InvalidState;
use Holdfast\Session;

/**
 * What ee() gives: things by their names, as properties. `session` and `functions` are always there; the application adds its
 * own, once each.
 *
 * @property-read Session $session of this request, as Session::current() has it, unless the application has set another one
 * @property-read Functions $functions
 */
final class Facade
{
    /** @var array<string, mixed> what the application has set */
    private array $set = [];

    private ?Functions $functions = null;

    /**
     * @return mixed what is there under this name; a session is opened by its first use, not by this
     * @throws InvalidArgument where there is nothing
     */
    public function get(string $name): mixed
    {
        return match (true) {
            array_key_exists($name, $this->set) => $this->set[$name],
            $name === 'session' => Session::current(),
            $name === 'functions' => $this->functions ??= new Functions($this),
            default => throw new InvalidArgument(
                "ee() has no '$name': it has " . implode(', ', $this->names()) . ". Add it by ee()->set('$name', ...)."
            ),
        };
    }

    /**
     * Adds something; also a `session` or `functions` of the application's own.
     *
     * @throws InvalidArgument on a `session` that is no Holdfast\Session
     * @throws InvalidState on a name that was set already: remove() it first
     */
    public function set(string $name, mixed $object): void
    {
        if (array_key_exists($name, $this->set)) {
            throw new InvalidState("ee() has its '$name' already: to set another one, call ee()->remove('$name') first.");
        }
        if ($name === 'session' && !$object instanceof Session) {
            throw new InvalidArgument("ee()->session must be a Holdfast\\Session, and not of the type " . get_debug_type($object) . '.');
        }
        $this->set[$name] = $object;
    }

    /** Takes back what was set. `session` and `functions` are then those that are always there. */
    public function remove(string $name): void
    {
        unset($this->set[$name]);
    }

    public function has(string $name): bool
    {
        return in_array($name, $this->names(), true);
    }

    /** @throws InvalidArgument as get() */
    public function __get(string $name): mixed
    {
        return $this->get($name);
    }

    /** As set(). ExpressionEngine has deprecated it, and says so. */
    public function __set(string $name, mixed $object): void
    {
        $this->set($name, $object);
        trigger_error("Use ee()->set('$name', ...) in the place of ee()->$name = ...", E_USER_DEPRECATED);
    }

    public function __isset(string $name): bool
    {
        return $this->has($name);
    }

    /** @return list<string> */
    private function names(): array
    {
        $names = array_keys($this->set + ['session' => null, 'functions' => null]);
        sort($names, SORT_STRING);
        return array_map('strval', $names);
    }
}
