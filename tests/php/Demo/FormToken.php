<?php

declare(strict_types=1);

namespace Holdfast\Tests\Demo;

use Holdfast\Tests\Browser\Response;
use RuntimeException;

/**
 * The hidden field that protects a form of the shop.
 */
final class FormToken
{
    /** @return array<string, string> the field of the first form on the page, its value by its name */
    public static function on(Response $page): array
    {
        if (preg_match("/<input type='hidden' name='(TOKEN[^']+)' value='([^']+)'/", $page->body, $found) !== 1) {
            throw new RuntimeException("There is no form with a token on this page:\n$page");
        }
        return [$found[1] => $found[2]];
    }
}
