<?php

declare(strict_types=1);

use Holdfast\Users\Exception\InvalidName;
use Holdfast\Users\Exception\InvalidPassword;
use Holdfast\Users\Exception\NameTaken;

/** @var Session $session */

if ($session->isLoggedin()) {
    $session->redirect('/members', 303);
}

$name = field('name');
$problems = [];

if (isPost()) {
    try {
        $user = signUp($session, $name, field('password'));
        $session->forceLogin($user);
        welcome($session, $user);
    } catch (InvalidName) {
        $problems['name'] = 'Please choose one from a to z, digits, and . - _ @ without spaces.';
    } catch (NameTaken) {
        $problems['name'] = 'Another member has this name. Please choose one of your own.';
    } catch (InvalidPassword) {
        $problems['password'] = 'Please choose one of 8 characters or more.';
    }
    http_response_code(422);
}

$title = 'Sign up';
require __DIR__ . '/../templates/header.php';
?>
<h1>Sign up</h1>
<p class="lead">Members get a page of their own. Your cart comes along.</p>

<form class="form" method="post" action="/sign-up">
    <?= $session->CSRF->renderInput() ?>
    <?php $field = ['name', 'Name', 'text', 'username', $name] ?>
    <?php require __DIR__ . '/../templates/field.php' ?>
    <?php $field = ['password', 'Password', 'password', 'new-password', '', 'At least 8 characters.'] ?>
    <?php require __DIR__ . '/../templates/field.php' ?>
    <button class="button">Sign up</button>
</form>
<p class="small">
    Already a member? <a href="/login">Log in</a>. The first to sign up is the
    Super Admin. The demo forgets all members when its server ends.
</p>
<?php
require __DIR__ . '/../templates/footer.php';
