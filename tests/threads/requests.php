<?php

/**
 * A request of one of the threads: a session of the thread's own is as the thread left it, and one that all threads use
 * loses nothing.
 */

declare(strict_types=1);

assert(ini_get('session.save_handler') === 'holdfast');

$own = 'own-session-' . $thread . '-' . $request % 3;
$model = getenv('MODELS') . "/$own";
$expected = is_file($model) ? file_get_contents($model) : serialize([]);

session_id($own);
session_start();
if (serialize($_SESSION) !== $expected) {
    echo "thread $thread, request $request: its session is not as it left it\n";
}
if (!isset($_SESSION['rows'])) {
    for ($n = 0; $n < 30; ++$n) {
        $_SESSION['rows'][$n] = ['title' => "row $n of $own", 'tags' => ['red', 'green'], 'price' => $n / 4, 'nested' => ['deep' => [$n]]];
    }
}
mt_srand($thread * 1000 + $request);
for ($change = 0; $change < 3; ++$change) {
    $at = mt_rand(0, 29);
    match (mt_rand(0, 3)) {
        0 => $_SESSION['rows'][$at]['nested']['deep'][] = $request,
        1 => $_SESSION['rows'][$at]['title'] = "row $at at $request",
        2 => $_SESSION['rows'][$at] = ['title' => 'anew', 'tags' => [], 'nested' => ['deep' => []]],
        3 => $_SESSION['object'] = new ArrayObject([$request => $at]),
    };
}
$copy = $_SESSION;
session_write_close();
if (serialize($copy) !== serialize($_SESSION)) {
    echo "thread $thread, request $request: saving changed a variable\n";
}
file_put_contents($model, serialize($_SESSION));

session_id('session-of-all');
session_start();
foreach ($_SESSION as $name => $count) {
    if ($count['of'] !== $name) {
        echo "thread $thread, request $request: $name is another one's\n";
    }
}
$_SESSION["thread $thread"] ??= ['of' => "thread $thread", 'count' => 0];
$_SESSION["thread $thread"]['count']++;
if ($_SESSION["thread $thread"]['count'] !== $request + 1) {
    echo "thread $thread, request $request: a change of the session of all is lost\n";
}
session_write_close();
