<?php

declare(strict_types=1);

/**
 * @var Session $session
 * @var string $path
 */

member($session, $path);

if (isPost()) {
    $device = field('device');

    if (field('action') === 'others') {
        $ended = $session->endOtherSessions();
        $session->message(
            $ended === 0 ? 'You were logged in nowhere else.' : plural($ended, 'other device was', 'other devices were')
                . ' logged out.'
        );
    } elseif (preg_match('~^[0-9a-f]{32}$~D', $device) !== 1) {
        http_response_code(400);
        exit;
    } elseif ($session->endSession($device)) {
        $session->message('That device is logged out.');
    } else {
        $session->warning('That device was not logged in any more.');
    }
    $session->redirect('/devices', 303);
}

$devices = $session->getSessions();

$title = 'My devices';
require __DIR__ . '/../templates/header.php';
?>
<h1>My devices</h1>
<p class="lead">Where you are logged in. What you don’t know should not be.</p>

<ul class="devices">
    <?php foreach ($devices as $device) : ?>
        <?php $name = deviceInWords($device->userAgent) ?>
        <li>
            <div>
                <h2>
                    <?= e($name) ?>
                    <?php if ($device->isCurrent) : ?>
                        <span class="badge">this device</span>
                    <?php endif ?>
                    <?php if ($device->isRemembered) : ?>
                        <span class="badge">stays logged in</span>
                    <?php endif ?>
                </h2>
                <p class="small">
                    <?= e($device->address) ?>, active
                    <time datetime="<?= e(gmdate('c', $device->lastActivity)) ?>"><?= e(ago($device->lastActivity)) ?></time>
                </p>
            </div>
            <?php if ($device->isCurrent) : ?>
                <form method="post" action="/logout">
                    <?= $session->CSRF->renderInput() ?>
                    <button class="button-quiet">Log out</button>
                </form>
            <?php else : ?>
                <form method="post" action="/devices">
                    <?= $session->CSRF->renderInput() ?>
                    <input type="hidden" name="device" value="<?= e($device->handle) ?>">
                    <button class="button-quiet">
                        Log out<span class="visually-hidden"> <?= e($name) ?></span>
                    </button>
                </form>
            <?php endif ?>
        </li>
    <?php endforeach ?>
</ul>

<form class="actions" method="post" action="/devices">
    <?= $session->CSRF->renderInput() ?>
    <button class="button" name="action" value="others">Log out everywhere else</button>
</form>
<p class="small">
    The others are logged out at their next request. In pages/devices.php that is
    <code>$session-&gt;endOtherSessions()</code>, and it says how many there were.
</p>
<?php
require __DIR__ . '/../templates/footer.php';
