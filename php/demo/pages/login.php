<?php

declare(strict_types=1);

/** @var Session $session */

if ($session->isLoggedin()) {
    $session->redirect('/members', 303);
}

$name = field('name');
$problems = [];

if (isPost()) {
    // After wrong passwords the session wants a pause, which grows with each.
    $wait = $session->loginWait($name);
    if ($wait > 0) {
        http_response_code(429);
        $problem = 'That was too soon after the last try.';
    } else {
        $user = $session->login($name, field('password'));
        if ($user !== null) {
            if (field('remember') === 'yes') {
                $session->rememberMe();
            }
            welcome($session, $user);
        }
        http_response_code(422);
        $problem = 'There is no member of this name with this password.';
        $wait = $session->loginWait($name);
    }
    $problems['password'] = trim($problem . ' ' . pauseInWords($wait));
}

$title = 'Log in';
require __DIR__ . '/../templates/header.php';
?>
<h1>Log in</h1>
<p class="lead">For members of the harbour. Your cart comes along.</p>

<form class="form" method="post" action="/login">
    <?= $session->CSRF->renderInput() ?>
    <?php $field = ['name', 'Name', 'text', 'username', $name] ?>
    <?php require __DIR__ . '/../templates/field.php' ?>
    <?php $field = ['password', 'Password', 'password', 'current-password', ''] ?>
    <?php require __DIR__ . '/../templates/field.php' ?>
    <label class="check">
        <input type="checkbox" name="remember" value="yes"<?= field('remember') === 'yes' ? ' checked' : '' ?>>
        Stay logged in on this device
    </label>
    <button class="button">Log in</button>
</form>
<p class="small">Not a member yet? <a href="/sign-up">Sign up</a>.</p>
<?php
require __DIR__ . '/../templates/footer.php';
