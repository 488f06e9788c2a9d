<?php

declare(strict_types=1);

/*
 * The two members' areas, side by side: one session, one login, two ways to write it.
 */

/**
 * @var Session $session
 * @var string $path
 */

$areas = [
    'ProcessWire’s style' => ['/members' => 'Mess', '/devices' => 'Devices'],
    'ExpressionEngine’s style' => ['/crew' => 'Quarters', '/crew/profile' => 'Profile']
        + ($session->userdata('group_id') === 1 ? ['/crew/roles' => 'Roles'] : []),
];
?>
<nav class="areas" aria-label="Members’ areas">
    <?php foreach ($areas as $style => $pages) : ?>
        <div>
            <span><?= e($style) ?></span>
            <div>
                <?php foreach ($pages as $page => $name) : ?>
                    <a href="<?= e($page) ?>"<?= $path === $page ? ' aria-current="page"' : '' ?>><?= e($name) ?></a>
                <?php endforeach ?>
            </div>
        </div>
    <?php endforeach ?>
</nav>
