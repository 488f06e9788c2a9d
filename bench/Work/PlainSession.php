<?php

declare(strict_types=1);

namespace Holdfast\Bench\Work;

use ArrayAccess;
use Countable;

/**
 * The methods of a session as a PHP class would have them, over an array and with no store: what a call costs in PHP.
 *
 * @implements ArrayAccess<string, mixed>
 */
class PlainSession implements ArrayAccess, Countable
{
    /** @var array<string, mixed> */
    private array $data = [];

    public function get(mixed $key, mixed $_key = null)
    {
        return $_key === null ? $this->data[$key] ?? null : $this->getFor($key, $_key);
    }

    public function getFor(mixed $ns, mixed $key)
    {
        $data = $this->data[is_object($ns) ? get_class($ns) : $ns] ?? [];
        return $key === '' ? $data : $data[$key] ?? null;
    }

    public function set(mixed $key, mixed $value, mixed $_value = null)
    {
        if ($_value !== null) {
            return $this->setFor($key, $value, $_value);
        }
        $this->data[$key] = $value;
        return $this;
    }

    public function setFor(mixed $ns, mixed $key, mixed $value)
    {
        $this->data[is_object($ns) ? get_class($ns) : $ns][$key] = $value;
        return $this;
    }

    public function remove(mixed $key)
    {
        unset($this->data[$key]);
        return $this;
    }

    public function getAll()
    {
        return $this->data;
    }

    public function __get(mixed $name)
    {
        return $this->get($name);
    }

    public function __set(mixed $name, mixed $value)
    {
        $this->set($name, $value);
    }

    public function __isset(mixed $name)
    {
        return isset($this->data[$name]);
    }

    public function offsetExists(mixed $offset): bool
    {
        return isset($this->data[$offset]);
    }

    public function &offsetGet(mixed $offset): mixed
    {
        return $this->data[$offset];
    }

    public function offsetSet(mixed $offset, mixed $value): void
    {
        $this->data[$offset] = $value;
    }

    public function offsetUnset(mixed $offset): void
    {
        unset($this->data[$offset]);
    }

    public function count(): int
    {
        return count($this->data);
    }
}
