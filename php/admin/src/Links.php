<?php

declare(strict_types=1);

namespace Holdfast\Admin;

/**
 * Addresses of the page's parts: the site's own address, with its query, and parameters that begin with `hf_`.
 */
final class Links
{
    public const PREFIX = 'hf_';

    private readonly string $path;

    /** @var array<string, string> what the site has in its address itself */
    private readonly array $own;

    public function __construct(string $url)
    {
        [$path, $query] = explode('?', $url, 2) + [1 => ''];
        parse_str($query, $own);
        $this->path = $path;
        $this->own = array_filter($own, 'is_string');
    }

    /** @param array<string, string|int> $parameters without the prefix; '' is left out */
    public function to(array $parameters = []): string
    {
        $query = http_build_query($this->own + self::named($parameters), '', '&', PHP_QUERY_RFC3986);
        return $this->path . ($query === '' ? '' : "?$query");
    }

    /** Where a form by GET goes, whose fields are the query: what the address has beside them are hidden fields. */
    public function path(): string
    {
        return $this->path === '' ? '?' : $this->path;
    }

    /** @param array<string, string|int> $parameters that no field of the form is for */
    public function hiddenFields(array $parameters): string
    {
        $fields = '';
        foreach ($this->own + self::named($parameters) as $name => $value) {
            $fields .= '<input type="hidden" name="' . Text::html($name) . '" value="' . Text::html($value) . '">';
        }
        return $fields;
    }

    /** A parameter of this request; '' when it is absent or no text. */
    public static function parameter(string $name): string
    {
        $value = $_GET[self::PREFIX . $name] ?? '';
        return is_string($value) ? $value : '';
    }

    /** A field of the form that was sent; '' likewise. */
    public static function field(string $name): string
    {
        $value = $_POST[self::PREFIX . $name] ?? '';
        return is_string($value) ? $value : '';
    }

    /**
     * @param array<string, string|int> $parameters
     * @return array<string, string|int>
     */
    private static function named(array $parameters): array
    {
        $named = [];
        foreach ($parameters as $name => $value) {
            if ($value !== '') {
                $named[self::PREFIX . $name] = $value;
            }
        }
        return $named;
    }
}
