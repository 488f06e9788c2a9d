<?php

declare(strict_types=1);

/** @var string $path */

allowMethods('GET', 'HEAD');
crewOnly($path);

$title = 'Crew’s quarters';
require __DIR__ . '/../templates/header.php';
?>
<h1>Crew’s quarters</h1>
<p class="lead">
    Ahoy, <?= e(ee()->session->userdata('screen_name')) ?>. You logged in once: the session of both styles is one.
</p>

<dl class="facts facts-wide">
    <div><dt>Your role</dt><dd><?= e(ee()->session->userdata('group_title')) ?></dd></div>
    <div><dt>Aboard</dt><dd><?= e(plural(count(crew()), 'member', 'members')) ?></dd></div>
    <div class="whole"><dt>Your e-mail address</dt><dd><?= e(ee()->session->userdata('email') ?: 'none yet') ?></dd></div>
</dl>
<form class="actions" method="post" action="/logout">
    <?= ee()->session->CSRF->renderInput() ?>
    <a class="button" href="/crew/profile">Change my profile</a>
    <?php if (ee()->session->userdata('group_id') == 1) : ?>
        <a class="button" href="/crew/roles">Change roles</a>
    <?php endif ?>
    <button class="button-quiet">Log out</button>
</form>

<div class="columns">
    <section aria-labelledby="privileges">
        <h2 id="privileges">What you may do</h2>
        <ul class="privileges">
            <?php foreach (PRIVILEGES as $privilege => $meaning) : ?>
                <?php $may = ee()->session->userdata($privilege) === 'y' ?>
                <li class="<?= $may ? 'may' : 'may-not' ?>">
                    <?= e($meaning) ?>
                    <code><?= e($privilege) ?></code>
                    <b><?= $may ? 'yes' : 'no' ?></b>
                </li>
            <?php endforeach ?>
        </ul>
    </section>

    <section aria-labelledby="seen">
        <h2 id="seen">Pages you saw last</h2>
        <?php if (pagesBefore() === []) : ?>
            <p>This is the first.</p>
        <?php else : ?>
            <ol class="steps">
                <?php foreach (pagesBefore() as $page) : ?>
                    <li><a href="<?= e($page) ?>"><?= e($page) ?></a></li>
                <?php endforeach ?>
            </ol>
        <?php endif ?>
    </section>

    <section aria-labelledby="aboard">
        <h2 id="aboard">Who is aboard</h2>
        <?php if (ee()->session->userdata('can_view_profiles') === 'y') : ?>
            <ul class="aboard">
                <?php foreach (crew() as $member) : ?>
                    <li><?= e($member['screen_name']) ?> <span class="small"><?= e($member['group_title']) ?></span></li>
                <?php endforeach ?>
            </ul>
        <?php else : ?>
            <p>Your role doesn’t see the list.</p>
        <?php endif ?>
    </section>
</div>

<section aria-labelledby="code">
    <h2 id="code">How the page knows you</h2>
    <div class="snippet">
        <pre><code>// src/crew.php
if (!ee()-&gt;session-&gt;userdata('member_id')) {
    ee()-&gt;session-&gt;set_flashdata('message_notice', '…');
    ee()-&gt;functions-&gt;redirect('/login', false, 303);
}

if (!ee()-&gt;session-&gt;cache('crew', 'members')) {
    ee()-&gt;session-&gt;set_cache('crew', 'members', $members);
}</code></pre>
        <pre><code>// pages/crew.php
ee()-&gt;session-&gt;userdata('screen_name');
ee()-&gt;session-&gt;userdata('can_view_profiles') === 'y';
array_slice(ee()-&gt;session-&gt;tracker, 1);

// pages/crew-roles.php
if (ee()-&gt;session-&gt;userdata('group_id') != 1) {
    refuseCrew($path, 'Not a Super Admin', '…');
}</code></pre>
    </div>
    <p class="small">
        What you are called and may do came from the database when you logged in, and is in your
        <a href="/session">session</a> since. When it changes, your next page knows.
    </p>
</section>
<?php
require __DIR__ . '/../templates/footer.php';
