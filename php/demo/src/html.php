<?php

declare(strict_types=1);

/** Text for HTML. Everything that a template prints goes through here, but for its own markup. */
function e(string|int $text): string
{
    return htmlspecialchars((string) $text, ENT_QUOTES | ENT_SUBSTITUTE | ENT_HTML5, 'UTF-8');
}

function price(int $cents): string
{
    return '€ ' . number_format($cents / 100, 2);
}

function plural(int $n, string $one, string $many): string
{
    return $n . ' ' . ($n === 1 ? $one : $many);
}

/** A value the way PHP writes it. */
function literal(mixed $value, string $indent = ''): string
{
    if (is_object($value)) {
        return 'object(' . get_debug_type($value) . ')';
    }
    if (!is_array($value)) {
        return is_null($value) ? 'null' : var_export($value, true);
    }
    if ($value === []) {
        return '[]';
    }
    $inner = "$indent    ";
    $items = [];
    foreach ($value as $key => $item) {
        $name = array_is_list($value) ? '' : var_export($key, true) . ' => ';
        $items[] = $name . literal($item, $inner);
    }
    $line = '[' . implode(', ', $items) . ']';

    return strlen($line) <= 76 && !str_contains($line, "\n")
        ? $line
        : "[\n$inner" . implode(",\n$inner", $items) . ",\n$indent]";
}
