<?php

declare(strict_types=1);

/**
 * The question before something is ended, for browsers without scripts.
 *
 * @var Holdfast\Admin\Ending $ending
 * @var int $matching sessions that it would end
 * @var array<string, mixed>|null $session the first of them
 */

use Holdfast\Admin\Browser;
use Holdfast\Admin\Links;
use Holdfast\Admin\SessionsQuery;
use Holdfast\Admin\Text;

$back = SessionsQuery::ofRequest()->parameters();
$name = $session === null ? '' : Text::foreign($names[$session['user']] ?? $session['user']);
?>
<div class="alone">
<?php if ($session === null): ?>
    <h1>It has ended already.</h1>
    <p>There is no such session any more.</p>
    <p><a class="button" href="<?= Text::html($links->to($back)) ?>">Back to the list</a></p>
<?php else: ?>
<?php if ($ending->isOfUser()): ?>
    <h1>Log out user <bdi><?= $name ?></bdi> everywhere?</h1>
    <p><?= Text::count($matching, 'session', 'sessions') ?> will end, and all that is remembered of their logins.</p>
<?php else: ?>
    <h1>End this session?</h1>
    <dl class="facts">
        <dt>User</dt><dd><?= $session['user'] === '' ? 'Guest' : "<bdi>$name</bdi>" ?></dd>
        <dt>Browser</dt><dd><bdi><?= $session['userAgent'] === '' ? 'Unknown' : Text::foreign(Browser::of($session['userAgent'])) ?></bdi></dd>
        <dt>Address</dt><dd><?= $session['address'] === '' ? 'Unknown' : Text::foreign($session['address']) ?></dd>
        <dt>Last active</dt><dd><?= Text::time($session['lastActivity'], $now) ?></dd>
    </dl>
    <p>Whoever has it is a guest from their next request on; a remembered login ends with it.</p>
<?php endif ?>
    <form method="post" action="<?= Text::html($links->to($back)) ?>" class="buttons">
        <?= $token->field(), $ending->fields() ?>

        <a class="button" href="<?= Text::html($links->to($back)) ?>">Cancel</a>
        <button class="danger"><?= $ending->isOfUser() ? 'Log out everywhere' : 'End session' ?></button>
    </form>
<?php endif ?>
</div>
