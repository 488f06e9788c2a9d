<?php

/**
 * A page with a session. ?layout= what is in it; ?fill=1 puts it there; ?what=changed changes one number of it;
 * ?face=class with `Session`, else with `$_SESSION`.
 */

declare(strict_types=1);

use Holdfast\Bench\Work\Layouts;

$isClass = ($_GET['face'] ?? '') === 'class';
if ($isClass) {
    $data = new Session();
} else {
    session_start();
    $data = &$_SESSION;
}

if (isset($_GET['fill'])) {
    require dirname(__DIR__) . '/Work/Layouts.php';
    foreach (Layouts::build($_GET['layout']) as $name => $value) {
        $data[$name] = $value;
    }
}
$module = $data['Session']['Module3'];
if (($_GET['what'] ?? '') === 'changed') {
    $data['Session']['n'] = $data['Session']['n'] + 1;
}

echo "<!doctype html><title>Page</title>\n", htmlspecialchars($module['rows'][0]['title']), "\n";
