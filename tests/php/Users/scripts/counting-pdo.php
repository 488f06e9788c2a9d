<?php

declare(strict_types=1);

/** A connection that notes its queries, and runs $before each that contains a text. */
final class CountingPdo extends PDO
{
    /** @var list<string> */
    public array $queries = [];
    public ?Closure $before = null;
    public string $text = '';

    public function prepare(string $query, array $options = []): PDOStatement|false
    {
        $this->queries[] = $query;
        if ($this->before !== null && str_contains($query, $this->text)) {
            $before = $this->before;
            $this->before = null;
            $before();
        }
        return parent::prepare($query, $options);
    }
}
