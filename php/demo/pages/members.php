<?php

declare(strict_types=1);

/**
 * @var Session $session
 * @var string $path
 */

allowMethods('GET', 'HEAD');
$user = member($session, $path);
$devices = count($session->getSessions());

$title = 'Members’ mess';
require __DIR__ . '/../templates/header.php';
?>
<h1>Members’ mess</h1>
<p class="lead">Ahoy, <?= e($user->getName()) ?>. The stove is lit, and only members get in.</p>

<dl class="facts facts-wide">
    <div><dt>Member since</dt><dd><?= e($user->createdAt->format('j F Y')) ?></dd></div>
    <div><dt>Logged in on</dt><dd><?= e(plural($devices, 'device', 'devices')) ?></dd></div>
</dl>
<form class="actions" method="post" action="/logout">
    <?= $session->CSRF->renderInput() ?>
    <a class="button" href="/devices">My devices</a>
    <button class="button-quiet">Log out</button>
</form>

<section aria-labelledby="knot">
    <h2 id="knot">The members’ knot: a bowline</h2>
    <ol class="steps">
        <li>Make a small loop in the rope, the end on top: that is the rabbit’s hole.</li>
        <li>The rabbit, which is the end, comes up out of the hole.</li>
        <li>It runs round the back of the tree, which is the rope.</li>
        <li>It goes down the hole again. Pull tight: it holds fast, and never jams.</li>
    </ol>
</section>

<section aria-labelledby="code">
    <h2 id="code">How the page knows you</h2>
    <div class="snippet">
        <pre><code>// pages/login.php
$user = $session-&gt;login($name, $password);

// pages/logout.php
$session-&gt;logout();</code></pre>
        <pre><code>// src/members.php
if ($session-&gt;getUser() === null) {
    $session-&gt;redirectUrl('/members');
    $session-&gt;redirect('/login', 303);
}</code></pre>
    </div>
    <p class="small">
        A login gives the session a new id and its forms new tokens. What was in the session stays in it.
    </p>
</section>
<?php
require __DIR__ . '/../templates/footer.php';
