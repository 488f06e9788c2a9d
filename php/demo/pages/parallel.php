<?php

declare(strict_types=1);

/** @var Session $session */

allowMethods('GET', 'HEAD', 'POST');

if (isPost()) {
    $locking = field('locking');
    if (!in_array($locking, ['off', 'on'], true)) {
        http_response_code(400);
        exit;
    }
    $ours = $locking === 'on' ? lockedSession() : $session;
    beginRun($ours);
    $session->redirect("/parallel?locking=$locking&run={$ours->run['token']}", 303);
}

$runs = [];
$axis = 0;
foreach (['off' => $session, 'on' => lockedSession(locking: false)] as $locking => $ours) {
    $kept = whatWasKept($ours);
    $isBegun = $kept === null && ($_GET['locking'] ?? '') === $locking && isRun($ours, $_GET['run'] ?? null);
    if ($isBegun) {
        // Browsers follow this when the page and its images, which are the eight requests, have loaded.
        header('Refresh: 0; url=/parallel');
    }
    $runs[$locking] = [$kept, $isBegun ? $_GET['run'] : null];
    $expected = $locking === 'on' ? array_sum(WORK) : max(WORK);
    $axis = max($axis, $kept['wall'] ?? ($isBegun ? $expected : 0));
}
// One scale for both runs, so that they can be compared.
$step = $axis > 1000 ? 500 : 100;
$axis = $step * (int) ceil(max(700, $axis) / $step);

allowOwnScripts();

$title = 'Parallel';
$script = '/parallel.js';
require __DIR__ . '/../templates/header.php';
?>
<h1>Eight at once</h1>
<p class="lead">
    A button sends eight requests of yours at the same time. Each works for 200 to 600 ms, then changes the session.
    They run side by side, and the session keeps what all of them changed; with locking on, each waits for the one
    before it.
</p>

<section class="run" aria-labelledby="off">
    <div class="run-head">
        <h2 id="off">Side by side</h2>
        <form method="post" action="/parallel">
            <?= $session->CSRF->renderInput() ?>
            <button class="button" name="locking" value="off">Start eight requests</button>
        </form>
    </div>
    <?php $locking = 'off' ?>
    <?php require __DIR__ . '/../templates/run.php' ?>
</section>

<section class="run" aria-labelledby="on">
    <div class="run-head">
        <h2 id="on">One after the other</h2>
        <form method="post" action="/parallel">
            <?= $session->CSRF->renderInput() ?>
            <button class="button" name="locking" value="on">
                Start eight<span class="visually-hidden"> requests</span> with locking on
            </button>
        </form>
    </div>
    <?php $locking = 'on' ?>
    <?php require __DIR__ . '/../templates/run.php' ?>
</section>
<p id="said" class="visually-hidden" role="status"></p>

<section aria-labelledby="legend">
    <h2 id="legend">How to read the bars</h2>
    <ul class="legend">
        <li>
            <svg aria-hidden="true"><rect class="work" y="25%" width="100%" height="50%"/></svg>
            The request works: it has read the session and has not ended.
        </li>
        <li>
            <svg aria-hidden="true"><rect class="wait" y="25%" width="100%" height="50%"/></svg>
            A process has taken the request, which waits for the lock of the session.
        </li>
        <li>
            <svg aria-hidden="true"><line class="queue" x2="100%" y1="50%" y2="50%"/></svg>
            No process has taken it yet; during a run: it is not answered yet. Over HTTP/1.1 browsers open at
            most six connections to a host, so the last two requests leave when others are answered.
        </li>
    </ul>
    <p class="small">
        The requests leave 10 ms apart: of connections that come at the very same moment, PHP’s built-in server often
        takes two with one process, and the second request then begins when the first has ended.
    </p>
</section>

<section aria-labelledby="code">
    <h2 id="code">What each request does</h2>
    <div class="snippet">
        <pre><code>$session-&gt;increment('n');

usleep($work);

$session-&gt;set("request_$number", $times);
$session-&gt;deep['one']['two'][$number] = getmypid();
$session-&gt;list[] = $number;</code></pre>
        <pre><code>// With locking on, the same with this session:
$session = new Session([
    'cookie_name' =&gt; 'holdfast_locked',
    'locking' =&gt; true,
]);</code></pre>
    </div>
    <p class="small">
        pages/parallel-request.php. Nothing in it knows of the other seven. <a href="/session">See what they left</a>
        in your session.
    </p>
</section>
<?php
require __DIR__ . '/../templates/footer.php';
