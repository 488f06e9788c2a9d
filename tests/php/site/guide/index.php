<?php

/**
 * Runs the example of ExpressionEngine's User Guide that has the words ?example= in it, as it stands there, in the smallest page that
 * has what the example takes for given, and says what came of it. With ?begin the visitor has a session from then on.
 */

declare(strict_types=1);

require dirname(__DIR__, 4) . '/php/autoload.php';
require dirname(__DIR__, 2) . '/ExpressionEngine/Guide.php';
require __DIR__ . '/Database.php';
require __DIR__ . '/Asked.php';

use Holdfast\Tests\ExpressionEngine\Guide;

/** The address of ExpressionEngine's control panel, which defines this constant. AMP comes with ee(). */
define('BASE', '/guide/index.php?D=cp');

set_error_handler(static fn (int $level, string $text) => throw new ErrorException($text));
if (isset($_GET['begin'])) {
    ee()->session->set('begun', true);
}

$said = match ($_GET['example'] ?? (isset($_GET['C']) ? 'new page' : 'none')) {
    'none' => ['began' => ee()->session->get('begun')],
    'session_example' => (static function (): array {
        ee()->set('session', new Asked());
        eval(Guide::sessionExample());
        session_example();
        return ['asked' => ee()->session->asked];
    })(),
    '$group_id' => (static function (): array {
        eval(Guide::example('$group_id = '));
        return compact('group_id');
    })(),
    'redirect' => (static function (): array {
        [$first] = Guide::pagesOfTheRedirect();
        eval($first);
        return ['not' => 'reached'];
    })(),
    'new page' => (static function (): array {
        [, $onTheNewPage] = Guide::pagesOfTheRedirect();
        eval($onTheNewPage);
        return compact('message');
    })(),
    'super_class' => (static function (): array {
        ee()->set('db', $db = new Database(json_decode($_GET['admins'], true)));
        foreach (range(1, (int) $_GET['times']) as $_) {
            eval(Guide::example('super_class_admins'));
        }
        return ['cached' => ee()->session->cache('super_class', 'admins'), 'queries' => $db->queries];
    })(),
    'set_cache' => (static function (): array {
        $given = $value = new stdClass();
        eval(Guide::example('set_cache(\'module\''));
        unset($value);
        eval(Guide::example('$value = ee()->session->cache'));
        return ['same' => $value === $given];
    })(),
    'cache' => (static function (): array {
        eval(Guide::example('$value = ee()->session->cache'));
        return compact('value');
    })(),
    'tracker' => (static function (): array {
        eval(Guide::example('tracker'));
        return compact('current_page', 'last_page', 'two_pages_ago');
    })(),
};

header('Content-Type: application/json');
echo json_encode($said, JSON_THROW_ON_ERROR);
