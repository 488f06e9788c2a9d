<?php

declare(strict_types=1);

/**
 * What a member's page costs with the add-on and without it, on the site that the tests use:
 *
 *     HOLDFAST_EXTENSION=target/release/libholdfast.so php tests/php/ExpressionEngineSite/measure.php
 *
 * The two take turns, page by page, so that whatever else the machine does happens to both.
 */

use Holdfast\Tests\ExpressionEngineSite\EeSite;
use Holdfast\Tests\ExpressionEngineSite\EeSource;
use Holdfast\Tests\ExpressionEngineSite\Visitor;
use Holdfast\Tests\Users\Databases\MariaDb;

require dirname(__DIR__) . '/bootstrap.php';

const PAGES = 400;

foreach ([EeSource::lacks(), MariaDb::lacks()] as $lacks) {
    if ($lacks !== null) {
        exit("Here lacks $lacks\n");
    }
}
$database = MariaDb::start();
$site = EeSite::prepared($database->fresh());
$member = $site->addMember();
$visitors = ['without' => new Visitor($site, 'without'), 'with' => new Visitor($site, 'with')];
foreach ($visitors as $visitor) {
    $visitor->logIn($member['name']);
}

/** Without its cookie a visitor's session is asked of the database, as without the add-on: it is kept on each page, besides. */
$switch = static fn (string $enabled) => $site->pdo()->exec(sprintf(
    "UPDATE exp_extensions SET settings = REPLACE(settings, '%s', '%s') WHERE class = 'Holdfast_ext'",
    serialize($enabled === 'y' ? 'n' : 'y'),
    serialize($enabled)
));
$site->script('Holdfast\AddOn\Serving\Settings::change(fn (): array => ["enabled" => "y"]);');
$measured = [];
for ($page = -50; $page < PAGES; ++$page) {
    foreach ($visitors as $name => $visitor) {
        $switch($name === 'with' ? 'y' : 'n');
        $answer = $visitor->page('who');
        if ($page >= 0) {
            $measured[$name]['statements'][] = (int) $answer->header('X-Session-Statements')[0];
            $measured[$name]['session, ms'][] = $answer->header('X-Session-Microseconds')[0] / 1000;
            $measured[$name]['page, ms'][] = $answer->seconds * 1000;
        }
    }
}
foreach ($measured as $name => $series) {
    foreach ($series as $what => $values) {
        sort($values);
        printf("%-8s %-12s median %6.2f, least %6.2f, of ten the ninth %6.2f\n", $name, $what, $values[PAGES >> 1], $values[0], $values[(int) (PAGES * 0.9)]);
    }
}
$site->stop();
$database->stop();
