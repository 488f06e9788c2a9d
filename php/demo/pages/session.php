<?php

declare(strict_types=1);

/** @var Session $session */

if (isPost()) {
    switch (field('action')) {
        case 'regenerate':
            $session->regenerate();
            $session->message('The session has a new id. Everything else is as it was.');
            break;
        case 'destroy':
            $session->destroy();
            $session->message('The session was ended. This is a new one, with another id.');
            break;
        default:
            http_response_code(400);
            exit;
    }
    $session->redirect('/session', 303);
}

$served = requestsByProcess($session);
$processes = processesInAll();
$began = $session->getFor('visit', 'began');

$title = 'Session';
require __DIR__ . '/../templates/header.php';
?>
<h1>Your session</h1>
<p class="lead">
    What this shop keeps about you. Whichever process answers your next request finds the same.
</p>

<dl class="facts facts-wide">
    <div><dt>Id</dt><dd><code><?= e(shortId($session)) ?></code></dd></div>
    <div><dt>Cookie</dt><dd><code><?= e($session->getCookieName()) ?></code></dd></div>
    <div><dt>Variables</dt><dd><?= count($session) ?></dd></div>
    <div><dt>Requests</dt><dd><?= e(array_sum($served)) ?></dd></div>
    <div><dt>Began</dt><dd><?= e(gmdate('H:i:s', $began)) ?> UTC</dd></div>
</dl>

<section aria-labelledby="processes">
    <h2 id="processes">Who has served you</h2>
    <ol class="processes">
        <?php foreach (array_keys($served) as $i => $pid) : ?>
            <li<?= $pid === getmypid() ? ' class="now"' : '' ?>>
                <?php readfile(__DIR__ . '/../templates/flags/' . ($i % 9 + 1) . '.svg') ?>
                <strong><?= e($pid) ?></strong>
                <span><?= e(plural($served[$pid], 'request', 'requests')) ?></span>
                <?php if ($pid === getmypid()) : ?>
                    <span>this page</span>
                <?php endif ?>
            </li>
        <?php endforeach ?>
        <?php for ($i = count($served); $i < $processes; $i++) : ?>
            <li class="waiting">
                <?php readfile(__DIR__ . '/../templates/flags/' . ($i % 9 + 1) . '.svg') ?>
                <span>not yet</span>
            </li>
        <?php endfor ?>
    </ol>
    <?php if ($processes > 1) : ?>
        <p class="small">
            PHP’s built-in server runs <?= e($processes - 1) ?> workers and serves pages itself too. Whoever is free
            takes the next request. <a href="/session">Ask again</a>.
        </p>
    <?php endif ?>
</section>

<section aria-labelledby="content">
    <h2 id="content">What is in it</h2>
    <dl class="variables">
        <?php foreach ($session as $name => $value) : ?>
            <?php $shown = $name === 'SessionCSRF' ? '// the secret of your forms' : literal($value) ?>
            <div>
                <dt><code><?= e($name) ?></code></dt>
                <dd><pre><code><?= e($shown) ?></code></pre></dd>
            </div>
        <?php endforeach ?>
    </dl>
    <?php if (isset($_COOKIE['holdfast_locked'])) : ?>
        <p class="small">
            The requests with locking on, on the page <a href="/parallel">Parallel</a>, have a second session with a
            cookie of its own.
        </p>
    <?php endif ?>
</section>

<?php require __DIR__ . '/../templates/lessons.php' ?>

<section aria-labelledby="end">
    <h2 id="end">New id, or a new beginning</h2>
    <p>
        A session gets a new id when its visitor gets more rights: <code>$session-&gt;login()</code> does that.
        When it ends, its data is removed from the store and its cookie from the browser.
    </p>
    <form class="actions" method="post" action="/session">
        <?= $session->CSRF->renderInput() ?>
        <button class="button" name="action" value="regenerate">Give it a new id</button>
        <button class="button-quiet" name="action" value="destroy">End the session</button>
    </form>
</section>
<?php
require __DIR__ . '/../templates/footer.php';
