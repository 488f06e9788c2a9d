<?php

declare(strict_types=1);

/** @var string $path */

allowMethods('GET', 'HEAD', 'POST');
crewOnly($path);

if (ee()->session->userdata('group_id') != 1) {
    refuseCrew($path, 'Not a Super Admin', 'Only they give others another role.');
}

$self = ee()->session->userdata('member_id');

if (isPost()) {
    $member = users()->findById(field('member'));
    $role = (int) field('role');
    if ($member === null || $member->id === $self || !isset(roles()[$role])) {
        http_response_code(400);
        exit;
    }
    // Each session of theirs knows it at its next request.
    users()->setMemberRole($member, $role, ee()->session);
    $name = users()->getMemberData($member)['screen_name'];
    ee()->session->set_flashdata('message_success', "$name is in the role " . roles()[$role] . ' from their next page on.');
    ee()->functions->redirect('/crew/roles', false, 303);
}

$title = 'Roles';
require __DIR__ . '/../templates/header.php';
?>
<h1>Roles</h1>
<p class="lead">Who may do what. A change holds at the member’s next page, on all their devices.</p>

<ul class="devices">
    <?php foreach (crew() as $id => $member) : ?>
        <li>
            <h2>
                <?= e($member['screen_name']) ?>
                <?php if ($id === $self) : ?>
                    <span class="badge">you</span>
                <?php endif ?>
            </h2>
            <?php if ($id === $self) : ?>
                <p><?= e($member['group_title']) ?></p>
            <?php else : ?>
                <form class="role" method="post" action="/crew/roles">
                    <?= ee()->session->CSRF->renderInput() ?>
                    <input type="hidden" name="member" value="<?= e($id) ?>">
                    <label class="visually-hidden" for="role-<?= e($id) ?>">Role of <?= e($member['screen_name']) ?></label>
                    <select id="role-<?= e($id) ?>" name="role">
                        <?php foreach (roles() as $role => $name) : ?>
                            <option value="<?= e($role) ?>"<?= $role === $member['group_id'] ? ' selected' : '' ?>>
                                <?= e($name) ?>
                            </option>
                        <?php endforeach ?>
                    </select>
                    <button class="button">
                        Save<span class="visually-hidden"> the role of <?= e($member['screen_name']) ?></span>
                    </button>
                </form>
            <?php endif ?>
        </li>
    <?php endforeach ?>
</ul>
<?php if (count(crew()) === 1) : ?>
    <p>Nobody else is aboard. Sign up once more in another browser, and come back.</p>
<?php endif ?>
<p class="small">
    Who signs up first is a Super Admin. Members in the roles Pending and Banned keep their login: try what they see.
</p>
<?php
require __DIR__ . '/../templates/footer.php';
