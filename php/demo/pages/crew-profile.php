<?php

declare(strict_types=1);

/** @var string $path */

allowMethods('GET', 'HEAD', 'POST');
crewOnly($path);

if (isPost()) {
    $profile = ['screen_name' => trim(field('screen_name')), 'email' => trim(field('email'))];
    $problems = [];
    if (preg_match('/^[^\p{C}]{1,254}$/u', $profile['screen_name']) !== 1) {
        $problems['screen_name'] = 'Please choose one of 1 to 254 characters.';
    }
    if (filter_var($profile['email'], FILTER_VALIDATE_EMAIL) === false) {
        $problems['email'] = 'That is no e-mail address.';
    }
    if ($problems !== []) {
        // The form shows them, once.
        ee()->session->set_flashdata(['problems' => $problems, 'profile' => $profile]);
        ee()->functions->redirect('/crew/profile', false, 303);
    }
    users()->setMemberData(ee()->session->getMember(), $profile, ee()->session);
    ee()->session->set_flashdata('message_success', 'Your profile is changed.');
    ee()->functions->redirect('/crew', false, 303);
}

$problems = ee()->session->flashdata('problems') ?: [];
$profile = ee()->session->flashdata('profile') ?: [
    'screen_name' => ee()->session->userdata('screen_name'),
    'email' => ee()->session->userdata('email'),
];

$title = 'My profile';
require __DIR__ . '/../templates/header.php';
?>
<h1>My profile</h1>
<p class="lead">What the others call you, and where you can be reached.</p>

<form class="form" method="post" action="/crew/profile">
    <?= ee()->session->CSRF->renderInput() ?>
    <?php $field = ['screen_name', 'Screen name', 'text', 'nickname', $profile['screen_name']] ?>
    <?php require __DIR__ . '/../templates/field.php' ?>
    <?php $field = ['email', 'E-mail address', 'text', 'email', $profile['email'], 'Nothing is mailed to it.'] ?>
    <?php require __DIR__ . '/../templates/field.php' ?>
    <button class="button">Save</button>
</form>
<p class="small">
    The form leads to a redirect, whatever comes of it: what has to be said on the page after it, and what was typed
    wrong, is flash data.
</p>
<?php
require __DIR__ . '/../templates/footer.php';
